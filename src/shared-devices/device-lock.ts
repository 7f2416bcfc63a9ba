/**
 * The folder of a shared device, locked: `device.json` (what it is), `hosts/` (a file for each), `sockets/` (where
 * they can be reached), `media/` (contents), `lock`. All that reads or changes it does so here, in short critical sections.
 *
 * A device lives as long as one of its hosts: who opens the lock takes dead hosts away, and who closes it removes the
 * folder if no host is left. A folder is renamed before it is removed, and a lock counts only if its file still is the
 * one in the folder, so that one host can come while the last other one leaves.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, SharedDeviceError } from './errors.ts';
import { lockFile } from './flock.ts';
import { makeFolder } from './folder.ts';
import { hostNames, isAlive, removeHostFile } from './host-file.ts';
import { socketFolder } from './host-socket.ts';
import { type Partitions, readIdentity, UNFINISHED_FILE, writeIdentity } from './identity.ts';

const LOCK = 'lock';
/** What becomes of a folder that is being removed; no name of a device begins with a dot. */
export const REMOVED = '.removed-';
/** Folders that are gone between two looks at them: so many in a row are one that takes no files, as those of /proc. */
const MOST_MISSED = 1000;
/** Seconds. Nobody holds a lock for long, but a host may be stopped while it does. */
const PATIENCE = 30;

export function mediaFolder(folder: string): string {
  return `${folder}/media`;
}

export interface LockedDevice {
  readonly folder: string;
  /** Living ones, when it was locked. */
  readonly hosts: readonly string[];
  /** Absent: nobody has said yet what the device is. */
  readonly partitions: Partitions | undefined;
  /** Says what the device is: the first host does. */
  define(partitions: Partitions): void;
  /** Gives the lock back, and removes the device if it has no host. */
  close(): void;
}

function openLock(folder: string): number | undefined {
  try {
    return openSync(`${folder}/${LOCK}`, 'a', 0o600);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isLockOf(folder: string, file: number): boolean {
  return statSync(`${folder}/${LOCK}`, { throwIfNoEntry: false })?.ino === fstatSync(file).ino;
}

function remove(folder: string): void {
  const removed = `${dirname(folder)}/${REMOVED}${randomUUID()}`;
  renameSync(folder, removed);
  rmSync(removed, { recursive: true, force: true });
}

/** A folder of somebody else's must not be taken for a device that has no hosts, and removed. */
function assertFresh(folder: string): void {
  const foreign = readdirSync(folder).find((name) => name !== LOCK && name !== UNFINISHED_FILE);
  if (foreign === undefined) return;
  const why = `${folder} holds '${foreign}' and is no shared device of cxlbox`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}

/** Takes dead hosts away and returns the others. */
function livingHosts(folder: string): string[] {
  return hostNames(folder).filter((host) => {
    if (isAlive(folder, host)) return true;
    removeHostFile(folder, host);
    return false;
  });
}

/** `again`: what was locked is no device, or no more. */
function lookAt(folder: string, lock: number): LockedDevice | 'again' {
  if (!isLockOf(folder, lock)) return 'again';
  const partitions = readIdentity(folder);
  if (partitions === undefined) assertFresh(folder);
  const hosts = partitions === undefined ? [] : livingHosts(folder);
  if (partitions !== undefined && hosts.length === 0) {
    remove(folder);
    return 'again';
  }
  return {
    folder,
    hosts,
    partitions,
    define: (defined) => {
      writeIdentity(folder, defined);
      for (const name of [`${folder}/hosts`, socketFolder(folder), mediaFolder(folder)])
        makeFolder(name);
    },
    close: () => {
      try {
        if (hostNames(folder).length === 0) remove(folder);
      } finally {
        closeSync(lock);
      }
    },
  };
}

/**
 * Locks a device. With `make`, one that is not there is made, with nothing in it; without, the answer is undefined then.
 * CXLBOX_SHARED_FOLDER, CXLBOX_NO_FLOCK, and what system calls throw.
 */
export function lockDevice(
  folder: string,
  { make, patience = PATIENCE }: { readonly make: boolean; readonly patience?: number },
): LockedDevice | undefined {
  for (let missed = 0; ; ) {
    if (make) makeFolder(folder);
    else if (readIdentity(folder) === undefined) return undefined;
    const lock = openLock(folder);
    if (lock === undefined) {
      missed += 1;
      if (missed === MOST_MISSED)
        throw new SharedDeviceError(
          'CXLBOX_SHARED_FOLDER',
          `${folder} takes no file: it is no folder for devices`,
        );
      continue;
    }
    let seen: LockedDevice | 'again' = 'again';
    try {
      if (!lockFile(lock, 'exclusive', patience)) {
        const why = `another host holds ${folder}/${LOCK} longer than ${patience} s; is it stopped?`;
        throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
      }
      seen = lookAt(folder, lock);
    } finally {
      if (seen === 'again') closeSync(lock);
    }
    if (seen !== 'again') return seen;
  }
}

/** Takes away what is dead of a device, unless somebody else is at it. CXLBOX_NO_FLOCK, and what system calls throw. */
export function tidyDevice(folder: string): void {
  try {
    lockDevice(folder, { make: false, patience: 0 })?.close();
  } catch (error) {
    // Busy, or a folder of somebody else's beside those of the devices.
    if (!(error instanceof SharedDeviceError && error.code === 'CXLBOX_SHARED_FOLDER')) throw error;
  }
}

/** Locks a device that is there while `work` looks at it or changes it; undefined if it is not there. */
export function withDevice<T>(folder: string, work: (device: LockedDevice) => T): T | undefined {
  const device = lockDevice(folder, { make: false });
  if (device === undefined) return undefined;
  try {
    return work(device);
  } finally {
    device.close();
  }
}
