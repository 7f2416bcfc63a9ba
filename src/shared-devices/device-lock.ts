/**
 * The folder of a shared device (layout.ts), locked. All that reads or changes it does so here, in
 * short critical sections, below a descriptor of the folder.
 *
 * A device lives as long as one of its hosts: opening the lock removes dead hosts, and closing it
 * removes the folder if no host is left. A folder is renamed before it is removed, and a lock
 * counts only if its file still is the one in the folder, and the folder the one of that name, so
 * that one host can come while the last other one leaves.
 */
import { closeSync, constants, fstatSync, type Stats } from 'node:fs';
import { type Directory, ifThere } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { lockFile } from './flock.ts';
import { hostNames, isAlive, removeHostFile } from './host-file.ts';
import { type Partitions, readIdentity, writeIdentity } from './identity.ts';
import { HOSTS, LOCK, MEDIA, SOCKETS, UNFINISHED_IDENTITY } from './layout.ts';
import { removeDevice } from './removal.ts';

/**
 * Times in a row that a folder vanished between two looks: more mean that it takes no files, as in
 * /proc.
 */
const MOST_MISSED = 1000;
/** Seconds. A lock is never held for long, but a host may be stopped while it holds one. */
const PATIENCE = 30;

export interface LockedDevice {
  readonly folder: Directory;
  /** Living ones, when it was locked. */
  readonly hosts: readonly string[];
  /** Absent: no host has said yet what the device is. */
  readonly partitions: Partitions | undefined;
  /** Says what the device is: the first host does. */
  define(partitions: Partitions): void;
  /** Gives the lock back, and removes the device if it has no host. */
  close(): void;
}

interface Place {
  readonly root: Directory;
  readonly name: string;
  readonly folder: Directory;
}

/** Undefined: the folder is being removed. */
function openLock(folder: Directory): number | undefined {
  return ifThere(() =>
    folder.openFile(LOCK, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT),
  );
}

function isSame(one: Stats | undefined, other: Stats): boolean {
  return one?.ino === other.ino && one.dev === other.dev;
}

function isLockOf({ root, name, folder }: Place, file: number): boolean {
  return isSame(root.lstat(name), folder.stat()) && isSame(folder.lstat(LOCK), fstatSync(file));
}

/** A folder of somebody else's must not be taken for a device that has no hosts, and removed. */
function assertFresh(folder: Directory): void {
  const foreign = folder.names().find((name) => name !== LOCK && name !== UNFINISHED_IDENTITY);
  if (foreign === undefined) return;
  const why = `${folder.path} contains '${foreign}', so it is not a shared device of cxlbox`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}

/** Takes dead hosts away and returns the others. */
function livingHosts(folder: Directory): string[] {
  return hostNames(folder).filter((host) => {
    if (isAlive(folder, host)) return true;
    removeHostFile(folder, host);
    return false;
  });
}

/** `again`: what was locked is not a device, or is one no longer. */
function lookAt(place: Place, lock: number): LockedDevice | 'again' {
  const { root, name, folder } = place;
  if (!isLockOf(place, lock)) return 'again';
  const partitions = readIdentity(folder);
  if (partitions === undefined) assertFresh(folder);
  const hosts = partitions === undefined ? [] : livingHosts(folder);
  if (partitions !== undefined && hosts.length === 0) {
    removeDevice(root, name, folder);
    return 'again';
  }
  return {
    folder,
    hosts,
    partitions,
    define: (defined) => {
      writeIdentity(folder, defined);
      for (const each of [HOSTS, SOCKETS, MEDIA]) folder.make(each);
    },
    close: () => {
      try {
        if (hostNames(folder).length === 0) removeDevice(root, name, folder);
      } finally {
        closeSync(lock);
        folder.close();
      }
    },
  };
}

function lock(place: Place, patience: number): LockedDevice | 'again' | 'missed' {
  const file = openLock(place.folder);
  if (file === undefined) return 'missed';
  let seen: LockedDevice | 'again' = 'again';
  try {
    if (!lockFile(file, 'exclusive', patience)) {
      const why = `another host has held ${place.folder.path}/${LOCK} for more than ${patience} s; is it stopped?`;
      throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
    }
    seen = lookAt(place, file);
  } finally {
    if (seen === 'again') closeSync(file);
  }
  return seen;
}

/** The device that the folder is; undefined: none, and `make` was not asked for. */
function lockFolder(
  place: Place,
  make: boolean,
  patience: number,
): LockedDevice | 'again' | 'missed' | undefined {
  let seen: LockedDevice | 'again' | 'missed' | undefined;
  try {
    if (!make && readIdentity(place.folder) === undefined) return undefined;
    seen = lock(place, patience);
    return seen;
  } finally {
    if (typeof seen !== 'object') place.folder.close();
  }
}

/**
 * Locks a device. With `make`, one that is not there is made, with nothing in it; without, the
 * answer is undefined then. CXLBOX_SHARED_FOLDER, CXLBOX_NO_FLOCK, and what system calls throw.
 */
export function lockDevice(
  root: Directory,
  name: string,
  { make, patience = PATIENCE }: { readonly make: boolean; readonly patience?: number },
): LockedDevice | undefined {
  for (let missed = 0; missed < MOST_MISSED; ) {
    if (make) root.make(name);
    const folder = ifThere(() => root.enterOwn(name));
    if (folder === undefined && !make) return undefined;
    const seen =
      folder === undefined ? 'missed' : lockFolder({ root, name, folder }, make, patience);
    if (typeof seen !== 'string') return seen;
    if (seen === 'missed') missed += 1;
  }
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `no file can be created in ${root.path}/${name}: it is not a folder for devices`,
  );
}

/**
 * Removes dead hosts of a device, unless another process holds its lock. CXLBOX_NO_FLOCK, and what
 * system calls throw.
 */
export function tidyDevice(root: Directory, name: string): void {
  try {
    lockDevice(root, name, { make: false, patience: 0 })?.close();
  } catch (error) {
    // Busy, or a folder of somebody else's beside those of the devices.
    if (!(error instanceof SharedDeviceError && error.code === 'CXLBOX_SHARED_FOLDER')) throw error;
  }
}

/**
 * Locks a device that is there while `work` looks at it or changes it; undefined if it is not
 * there.
 */
export function withDevice<T>(
  root: Directory,
  name: string,
  work: (device: LockedDevice) => T,
): T | undefined {
  const device = lockDevice(root, name, { make: false });
  if (device === undefined) return undefined;
  try {
    return work(device);
  } finally {
    device.close();
  }
}
