/**
 * The file of one attached host in the folder of a shared device: what it says, and by its lock, that the host lives.
 *
 * The lock is a shared one: the process outside of a box and the one inside hold it both, so that a host is dead only
 * when both are. Whoever could lock the file exclusively knows that it is dead.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Claim } from './claims.ts';
import { errnoOf, SharedDeviceError } from './errors.ts';
import { lockFile } from './flock.ts';
import { removeSocket } from './host-socket.ts';

export interface HostRecord {
  /** The PCI function by which the host sees the device. */
  readonly pci: string;
  readonly claims: readonly Claim[];
}

const FOLDER = 'hosts';

function pathOf(folder: string, host: string): string {
  return `${folder}/${FOLDER}/${host}`;
}

/** All that have a file, dead or alive; sorted. */
export function hostNames(folder: string): string[] {
  try {
    return readdirSync(`${folder}/${FOLDER}`).sort();
  } catch (error) {
    // A process that was killed while it made the device came no further.
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Makes the file of a new host and returns the descriptor that is its sign of life. */
export function makeHostFile(folder: string, host: string, pci: string): number {
  writeFileSync(pathOf(folder, host), '', { mode: 0o600, flag: 'wx' });
  writeHost(folder, host, { pci, claims: [] });
  return holdHostFile(folder, host);
}

/** One more sign of life of a host: a descriptor. ENOENT: the host is gone. */
export function holdHostFile(folder: string, host: string): number {
  const path = pathOf(folder, host);
  const file = openSync(path, 'r+');
  let locked = false;
  try {
    locked = lockFile(file, 'shared', 0);
  } finally {
    if (!locked) closeSync(file);
  }
  if (locked) return file;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', `somebody else has locked ${path}`);
}

/** No file, no host: then this does nothing. */
export function removeHostFile(folder: string, host: string): void {
  removeSocket(folder, host);
  rmSync(pathOf(folder, host), { force: true });
}

export function isAlive(folder: string, host: string): boolean {
  const file = openSync(pathOf(folder, host), 'r+');
  try {
    return !lockFile(file, 'exclusive', 0);
  } finally {
    closeSync(file);
  }
}

function isRecord(value: unknown): value is HostRecord {
  return typeof value === 'object' && value !== null && 'pci' in value && 'claims' in value;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * The first line is the record: what a host wrote before it was killed may be followed by the rest of an older one.
 * CXLBOX_SHARED_FOLDER: it is none. Nobody knows then what the host maps, so others must not go on as if it were nothing.
 */
export function readHost(folder: string, host: string): HostRecord {
  const path = pathOf(folder, host);
  const [line = ''] = readFileSync(path, 'utf8').split('\n', 1);
  const record = parse(line);
  if (isRecord(record)) return record;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${path} does not tell what host '${host}' maps: it is torn, or no file of cxlbox`,
    `end the box of host '${host}': its file goes with it, and open it again`,
  );
}

function writeFully(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
}

/**
 * Takes the room that a record of `length` bytes needs, behind the one that is there and without changing it: where there
 * is none left, the old record still holds. What is in the file already can be overwritten on a full tmpfs.
 */
function makeRoom(file: number, length: number): void {
  const { size } = fstatSync(file);
  if (length <= size) return;
  try {
    writeFully(file, Buffer.alloc(length - size, ' '), size);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

/** In place, since the lock is on this very file. If it throws, the record is the old one. */
export function writeHost(folder: string, host: string, record: HostRecord): void {
  const line = Buffer.from(`${JSON.stringify(record)}\n`);
  const file = openSync(pathOf(folder, host), 'r+');
  try {
    makeRoom(file, line.length);
    writeFully(file, line, 0);
    ftruncateSync(file, line.length);
  } finally {
    closeSync(file);
  }
}
