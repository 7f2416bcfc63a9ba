/**
 * Faults of the machine in sight but for poison: a box's own debugfs files.
 */
import { type BoxFile, boxPath } from '../../cxlbox-abi/box-file.ts';
import {
  FAULT_CLEAR,
  FAULT_INJECT,
  FAULT_LIST,
  faultParameters,
  type ListedFault,
} from '../../cxlbox-abi/fault.ts';
import { parseDuration } from '../../platform/description/units.ts';
import { parametersText } from '../../platform/faults/fault-line.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { readOwnFile, refusalReason, writeBoxFile } from '../common/box-files.ts';
import { EXIT } from '../exit-codes.ts';
import { FaultError, NoFaultsError } from './errors.ts';
import { faultObject } from './list.ts';

/** Oldest first. Throws NoFaultsError. */
export function readFaults(client: SysfsClient): Promise<readonly ListedFault[]> {
  return readOwnFile(client, FAULT_LIST, () => new NoFaultsError());
}

/** Throws NoFaultsError, and FaultError where the box refuses: `failed` says what did not happen. */
async function writeFault<T>(
  client: SysfsClient,
  file: BoxFile<T>,
  value: T,
  failed: string,
): Promise<void> {
  await readFaults(client);
  try {
    await writeBoxFile(client, file, value);
  } catch (error) {
    if (!(error instanceof SysfsError)) throw error;
    const reason = await refusalReason(client, boxPath(file), error.errno);
    throw new FaultError(failed, reason ?? error.message, error.errno);
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
  await writeFault(client, FAULT_INJECT, FAULT_INJECT.parse(text), 'the fault was not injected');
  const added = (await readFaults(client)).at(-1);
  if (added === undefined)
    throw new FaultError('the fault was injected', 'somebody has cleared it since', 'ENOENT');
  process.stdout.write(
    json
      ? `${JSON.stringify(faultObject(added), null, 2)}\n`
      : `fault ${added.number}: ${added.kind} ${faultParameters(added)}\n`,
  );
  return EXIT.ok;
}

/** All, or the one of a number. Throws NoFaultsError, FaultError. */
export function clearFault(client: SysfsClient, which: number | 'all'): Promise<void> {
  return writeFault(client, FAULT_CLEAR, which, 'nothing was cleared');
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
