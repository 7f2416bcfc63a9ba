import { HostClient } from '../../sysfs-client/host-client.ts';
import { EXIT } from '../exit-codes.ts';
import { render } from '../show/render.ts';
import { survey } from '../show/survey.ts';

/** Prints regions, memory blocks and nodes of the /sys that this process sees. */
export async function show(options: { readonly json?: boolean | undefined }): Promise<number> {
  const found = await survey(new HostClient());
  process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : render(found));
  return EXIT.ok;
}
