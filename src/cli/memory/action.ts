import { HostClient } from '../../sysfs-client/host-client.ts';
import { withProgress } from '../common/progress.ts';
import { EXIT } from '../exit-codes.ts';
import { renderMemory } from './render.ts';
import { readMemory } from './view.ts';

/**
 * Prints nodes, zones, memory blocks and what page structures cost, of the /sys and /proc that this
 * process sees.
 */
export async function memory({ json }: { readonly json?: boolean | undefined }): Promise<number> {
  const view = await withProgress(new HostClient(), readMemory);
  process.stdout.write(json ? `${JSON.stringify(view, null, 2)}\n` : renderMemory(view));
  return EXIT.ok;
}
