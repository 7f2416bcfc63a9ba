/**
 * Faults of the machine in sight but for poison: a box's own debugfs files.
 */
import { parseDuration } from '../../platform/description/units.ts';
import { parametersText } from '../../platform/faults/fault-line.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { NO_BOX, refusalReason } from '../common/box-files.ts';
import { EXIT } from '../exit-codes.ts';
import { FaultError, NoFaultsError } from './errors.ts';
import { faultObject, type ListedFault, parseFaultList } from './list.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';

/** Oldest first. Throws NoFaultsError. */
export async function readFaults(client: SysfsClient): Promise<ListedFault[]> {
  try {
    return parseFaultList(await client.read(`${FAULT}/list`));
  } catch (error) {
    if (error instanceof SysfsError && NO_BOX.has(error.errno)) throw new NoFaultsError();
    throw error;
  }
}

/** Throws NoFaultsError, and FaultError where the box refuses. */
async function writeFault(
  client: SysfsClient,
  file: 'inject' | 'clear',
  text: string,
): Promise<void> {
  await readFaults(client);
  try {
    await client.write(`${FAULT}/${file}`, `${text}\n`);
  } catch (error) {
    if (!(error instanceof SysfsError)) throw error;
    throw new FaultError(
      file === 'inject' ? 'the fault was not injected' : 'nothing was cleared',
      (await refusalReason(client, `${FAULT}/${file}`, error.errno)) ?? error.message,
      error.errno,
    );
  }
}

export interface JsonOption {
  readonly json?: boolean | undefined;
}

/** Prints the fault with its number, which `clear` takes. Throws NoFaultsError, FaultError. */
export async function inject(
  text: string,
  { json }: JsonOption,
  client: SysfsClient = new HostClient(),
): Promise<number> {
  await writeFault(client, 'inject', text);
  const added = (await readFaults(client)).at(-1);
  if (added === undefined)
    throw new FaultError('the fault was injected', 'somebody has cleared it since', 'ENOENT');
  process.stdout.write(
    json
      ? `${JSON.stringify(faultObject(added), null, 2)}\n`
      : `fault ${added.number}: ${added.fault} ${added.parameters}\n`,
  );
  return EXIT.ok;
}

/** `all`, or the number of one. */
export function clearFault(client: SysfsClient, which: string): Promise<void> {
  return writeFault(client, 'clear', which);
}

/** As the command line has them. */
export interface StrikeOptions extends JsonOption {
  readonly errno?: string | undefined;
  readonly times?: string | undefined;
  readonly skip?: string | undefined;
  readonly device?: string | undefined;
}

export function probe(driver: string, options: StrikeOptions): Promise<number> {
  const { device, errno, times, skip } = options;
  const parameters = Object.entries({ device, errno, times, skip });
  return inject(`probe ${driver} ${parametersText(parameters)}`, options);
}

export function hotplug(step: string, options: StrikeOptions): Promise<number> {
  const { errno, times, skip } = options;
  return inject(`hotplug ${parametersText(Object.entries({ step, errno, times, skip }))}`, options);
}

/** `time`: `100ms`, `2s`, or milliseconds. */
export async function slowOnline(time: string, options: JsonOption): Promise<number> {
  const milliseconds = parseDuration(time);
  if (milliseconds === undefined)
    throw new FaultError(
      'the fault was not injected',
      `'${time}' is no time such as 100ms or 2s`,
      'EINVAL',
    );
  return inject(`slow-online milliseconds=${milliseconds}`, options);
}

export function remove(device: string, options: JsonOption): Promise<number> {
  return inject(`removal ${device}`, options);
}

export function linkDown(port: string, options: JsonOption): Promise<number> {
  return inject(`link-down ${port}`, options);
}
