/**
 * Faults of the machine in sight but for poison: a box's own debugfs files.
 */
import { parseDuration } from '../../platform/description/units.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { EXIT } from '../exit-codes.ts';
import { FaultError, NoFaultsError } from '../fault-errors.ts';
import { refusalReason } from '../log/box-files.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';
/** What a /sys without the files gives. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

/** A line of the `list` file. */
export interface ListedFault {
  readonly fault: string;
  readonly number: number;
  readonly parameters: string;
  /** How often so far. */
  readonly struck: number;
}

const LINE = /^(\d+) (\S+) (.*) struck=(\d+)$/;

/** Oldest first. Throws NoFaultsError. */
export async function readFaults(client: SysfsClient): Promise<ListedFault[]> {
  let text: string;
  try {
    text = await client.read(`${FAULT}/list`);
  } catch (error) {
    if (error instanceof SysfsError && ABSENT.has(error.errno)) throw new NoFaultsError();
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, number, fault = '', parameters = '', struck] = match;
    return [{ fault, number: Number(number), parameters, struck: Number(struck) }];
  });
}

/** Throws NoFaultsError, and FaultError where the box refuses. */
async function writeFault(client: SysfsClient, file: 'inject' | 'clear', text: string): Promise<void> {
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

export async function inject(text: string, client: SysfsClient = new HostClient()): Promise<number> {
  await writeFault(client, 'inject', text);
  const added = (await readFaults(client)).at(-1);
  process.stdout.write(`fault ${added?.number}: ${added?.fault} ${added?.parameters}\n`);
  return EXIT.ok;
}

/** `all`, or the number of one. */
export function clearFault(client: SysfsClient, which: string): Promise<void> {
  return writeFault(client, 'clear', which);
}

/** As the command line has them. */
export interface StrikeOptions {
  readonly errno?: string | undefined;
  readonly times?: string | undefined;
  readonly skip?: string | undefined;
  readonly device?: string | undefined;
}

function optionsText(options: StrikeOptions): string {
  const { device, errno, times, skip } = options;
  return Object.entries({ device, errno, times, skip })
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}=${value}`]))
    .join('');
}

export function probe(driver: string, options: StrikeOptions): Promise<number> {
  return inject(`probe ${driver}${optionsText(options)}`);
}

export function hotplug(step: string, options: StrikeOptions): Promise<number> {
  return inject(`hotplug step=${step}${optionsText(options)}`);
}

/** `time`: `100ms`, `2s`, or milliseconds. */
export async function slowOnline(time: string): Promise<number> {
  const milliseconds = parseDuration(time);
  if (milliseconds === undefined)
    throw new FaultError('the fault was not injected', `'${time}' is no time such as 100ms or 2s`, 'EINVAL');
  return inject(`slow-online milliseconds=${milliseconds}`);
}

export function remove(device: string): Promise<number> {
  return inject(`removal ${device}`);
}

export function linkDown(port: string): Promise<number> {
  return inject(`link-down ${port}`);
}
