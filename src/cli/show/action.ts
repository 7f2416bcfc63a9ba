import { HostClient } from '../../sysfs-client/host-client.ts';
import { withProgress } from '../common/progress.ts';
import { EXIT } from '../exit-codes.ts';
import { render, type Section } from './render.ts';
import { survey } from './view.ts';

interface ShowOptions {
  readonly json?: boolean | undefined;
  readonly only?: Section | undefined;
}

/** Prints regions, memory blocks and nodes of the /sys that this process sees. */
export async function show({ json, only }: ShowOptions): Promise<number> {
  const found = await withProgress(new HostClient(), (client) =>
    survey(client, json ? undefined : only),
  );
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : render(found, only));
  return EXIT.ok;
}
