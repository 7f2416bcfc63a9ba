/**
 * Files of the box that this process is in, by their declarations.
 */
import { type BoxFile, boxPath } from '../../cxlbox-abi/box-file.ts';
import { EVENTS, type UeventRecord } from '../../cxlbox-abi/events.ts';
import { LOG, type LogLine, parseRefusal } from '../../cxlbox-abi/log.ts';
import { KernelError } from '../../errno.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { CommandError } from './command-error.ts';

const SEQUENCE = '/sys/kernel/uevent_seqnum';

/** The /sys that this process sees does not belong to a box. */
export class NotInBoxError extends CommandError {
  readonly remedy: string;

  constructor(command: string, instead: string) {
    super(`'cxlbox ${command}' reads the log of a box, but this /sys does not belong to a box`);
    this.name = 'NotInBoxError';
    this.remedy = `run it inside a box: cxlbox run -- cxlbox ${command}; on a real host use ${instead}`;
  }
}

/** What a file of a box says cannot be read: it is of another version. */
export class BoxFileError extends CommandError {
  readonly remedy = 'use the version of cxlbox that opened the box';

  constructor(path: string, reason: string) {
    super(`${path} does not have the format that this version of cxlbox expects: ${reason}`);
    this.name = 'BoxFileError';
  }
}

/** ENOENT: no box serves such a file; ENOTDIR and EACCES: the debugfs here is not a box's. */
export const NO_BOX: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

/** Throws SysfsError; BoxFileError: the text is not of the form. `name` as for boxPath. */
export async function readBoxFile<T>(
  client: SysfsClient,
  file: BoxFile<T>,
  name?: string,
): Promise<T> {
  const path = boxPath(file, name);
  const text = await client.read(path);
  try {
    return file.parse(text);
  } catch (error) {
    if (error instanceof KernelError) throw new BoxFileError(path, error.reason);
    throw error;
  }
}

/** Throws SysfsError. */
export function writeBoxFile<T>(
  client: SysfsClient,
  file: BoxFile<T>,
  value: T,
  name?: string,
): Promise<void> {
  return client.write(boxPath(file, name), file.format(value));
}

/** As readBoxFile; where no box serves the file it throws what `absent` makes. */
export async function readOwnFile<T>(
  client: SysfsClient,
  file: BoxFile<T>,
  absent: () => Error,
): Promise<T> {
  try {
    return await readBoxFile(client, file);
  } catch (error) {
    if (error instanceof SysfsError && NO_BOX.has(error.errno)) throw absent();
    throw error;
  }
}

/** The lines that the log still holds, oldest first. Throws NotInBoxError. */
export function readLog(client: SysfsClient): Promise<readonly LogLine[]> {
  return readOwnFile(client, LOG, () => new NotInBoxError('dmesg', 'dmesg'));
}

/**
 * Why a write to the file was refused just now: only the errno crosses a file, the log has the
 * reason. Undefined if the last refusal there is another one, as where the file was gone. Throws
 * NotInBoxError.
 */
export async function refusalReason(
  client: SysfsClient,
  path: string,
  errno: string,
): Promise<string | undefined> {
  const refusals = (await readLog(client)).flatMap(({ text }) => parseRefusal(text) ?? []);
  const last = refusals.findLast((each) => each.path === path);
  return last?.errno === errno ? last.reason : undefined;
}

/** The events still held, oldest first. Throws NotInBoxError. */
export function readEvents(client: SysfsClient): Promise<readonly UeventRecord[]> {
  return readOwnFile(client, EVENTS, () => new NotInBoxError('events', 'udevadm monitor --kernel'));
}

/** How many uevents the kernel has sent. */
export async function sentEvents(client: SysfsClient): Promise<number> {
  return Number(await client.read(SEQUENCE));
}
