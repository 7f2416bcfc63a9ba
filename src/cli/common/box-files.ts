/**
 * What a box says of itself in debugfs: the kernel log and the uevents so far.
 */
import type { LogLevel } from '../../driver-core/kernel-log.ts';
import type { UeventRecord } from '../../driver-core/uevent-history.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { CommandError } from './command-error.ts';

const LOG = '/sys/kernel/debug/cxlbox/log';
const EVENTS = '/sys/kernel/debug/cxlbox/events';
const SEQUENCE = '/sys/kernel/uevent_seqnum';

/** The /sys in sight is no box's. */
export class NotInBoxError extends CommandError {
  readonly remedy: string;

  constructor(command: string, instead: string) {
    super(`'cxlbox ${command}' reads the log of a box, and the /sys in sight is not one of a box`);
    this.name = 'NotInBoxError';
    this.remedy = `run it inside one: cxlbox run -- cxlbox ${command}; on a real host use ${instead}`;
  }
}

export interface LogRecord {
  readonly sequence: number;
  readonly level: LogLevel;
  readonly text: string;
}

const LEVELS: Readonly<Record<string, LogLevel>> = { 3: 'err', 4: 'warn', 6: 'info', 7: 'debug' };

/** One line of the `log` file: severity, number, text; undefined for what is none. */
export function parseLogLine(line: string): LogRecord | undefined {
  const match = /^(\d+),(\d+);(.*)$/.exec(line);
  if (match === null) return undefined;
  const [, severity = '', sequence = '', text = ''] = match;
  return { sequence: Number(sequence), level: LEVELS[severity] ?? 'info', text };
}

/** ENOENT means that nobody serves such a file; ENOTDIR and EACCES that somebody else's debugfs is in the way. */
export const NO_BOX: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

async function readBoxFile(
  client: SysfsClient,
  path: string,
  absent: () => Error,
): Promise<string> {
  try {
    return await client.read(path);
  } catch (error) {
    if (error instanceof SysfsError && NO_BOX.has(error.errno)) throw absent();
    throw error;
  }
}

/** The lines that the log still holds, oldest first. Throws NotInBoxError. */
export async function readLog(client: SysfsClient): Promise<LogRecord[]> {
  const text = await readBoxFile(client, LOG, () => new NotInBoxError('dmesg', 'dmesg'));
  return text.split('\n').flatMap((line) => parseLogLine(line) ?? []);
}

/**
 * Why a write to the file was refused just now: only the errno crosses a file, the log has the reason. Undefined if the
 * last refusal there is another one, as where the file was gone. Throws NotInBoxError.
 */
export async function refusalReason(
  client: SysfsClient,
  path: string,
  errno: string,
): Promise<string | undefined> {
  const refused = `${path}: write refused: `;
  const line = (await readLog(client)).findLast(({ text }) => text.startsWith(refused));
  const [, last, reason] = /^(\w+): (.*)$/.exec(line?.text.slice(refused.length) ?? '') ?? [];
  return last === errno ? reason : undefined;
}

/** The events still held, oldest first. Throws NotInBoxError. */
export async function readEvents(client: SysfsClient): Promise<UeventRecord[]> {
  const text = await readBoxFile(
    client,
    EVENTS,
    () => new NotInBoxError('events', 'udevadm monitor --kernel'),
  );
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as UeventRecord);
}

/** How many uevents the kernel has sent. */
export async function sentEvents(client: SysfsClient): Promise<number> {
  return Number(await client.read(SEQUENCE));
}
