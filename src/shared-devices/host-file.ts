/**
 * The file of one attached host in the folder of a shared device: what it says, and by its lock,
 * that the host lives.
 *
 * The lock is a shared one: the process outside of a box and the one inside hold it both, so that a
 * host is dead only when both are. A process that can lock the file exclusively knows that the host
 * is dead.
 */
import { closeSync, constants, fstatSync, ftruncateSync, readFileSync, writeSync } from 'node:fs';
import type { Claim } from './claims.ts';
import { type Directory, ifThere } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { lockFile } from './flock.ts';
import { HOSTS, SOCKETS } from './layout.ts';
import { removeEntry } from './removal.ts';

export interface HostRecord {
  /** The PCI function by which the host sees the device. */
  readonly pci: string;
  readonly claims: readonly Claim[];
}

const { O_RDWR, O_CREAT, O_EXCL } = constants;

function pathOf(folder: Directory, host: string): string {
  return `${folder.path}/${HOSTS}/${host}`;
}

/** The file of a host, open for reading and writing. */
function openHost(folder: Directory, host: string, flags = 0): number {
  return folder.within(HOSTS, (hosts) => hosts.openFile(host, O_RDWR | flags));
}

/** All that have a file, dead or alive; sorted. */
export function hostNames(folder: Directory): string[] {
  // A process that was killed while it made the device may have come no further.
  return ifThere(() => folder.within(HOSTS, (hosts) => hosts.names())) ?? [];
}

/** Makes the file of a new host and returns the descriptor that is its sign of life. */
export function makeHostFile(folder: Directory, host: string, pci: string): number {
  closeSync(openHost(folder, host, O_CREAT | O_EXCL));
  writeHost(folder, host, { pci, claims: [] });
  return holdHostFile(folder, host);
}

/** One more sign of life of a host: a descriptor. ENOENT: the host is gone. */
export function holdHostFile(folder: Directory, host: string): number {
  const file = openHost(folder, host);
  let locked = false;
  try {
    locked = lockFile(file, 'shared', 0);
  } finally {
    if (!locked) closeSync(file);
  }
  if (locked) return file;
  const why = `another process has locked ${pathOf(folder, host)}`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}

/** No file, no host: then this does nothing. */
export function removeHostFile(folder: Directory, host: string): void {
  ifThere(() => folder.within(SOCKETS, (sockets) => removeEntry(sockets, host, 'socket')));
  ifThere(() => folder.within(HOSTS, (hosts) => removeEntry(hosts, host, 'file')));
}

export function isAlive(folder: Directory, host: string): boolean {
  const file = openHost(folder, host);
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

function readText(folder: Directory, host: string): string {
  const file = openHost(folder, host);
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/**
 * The first line is the record: what a host wrote before it was killed may be followed by the rest
 * of an older one. CXLBOX_SHARED_FOLDER: it is not a record. What the host maps is then unknown, so
 * others must not go on as if it mapped nothing.
 */
export function readHost(folder: Directory, host: string): HostRecord {
  const path = pathOf(folder, host);
  const [line = ''] = readText(folder, host).split('\n', 1);
  const record = parse(line);
  if (isRecord(record)) return record;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${path} does not say what host '${host}' maps: it is incomplete, or not a file of cxlbox`,
    `end the box of host '${host}', which removes the file, and open the box again`,
  );
}

function writeFully(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
}

/**
 * Takes the room that a record of `length` bytes needs, behind the one that is there and without
 * changing it: where there is none left, the old record still holds. What is in the file already
 * can be overwritten on a full tmpfs.
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
export function writeHost(folder: Directory, host: string, record: HostRecord): void {
  const line = Buffer.from(`${JSON.stringify(record)}\n`);
  const file = openHost(folder, host);
  try {
    makeRoom(file, line.length);
    writeFully(file, line, 0);
    ftruncateSync(file, line.length);
  } finally {
    closeSync(file);
  }
}
