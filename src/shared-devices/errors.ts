/**
 * What can go wrong with a shared device, under the codes that a box reports it by.
 */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCallErrno } from '../errno.ts';

export type SharedDeviceErrorCode =
  /** User: flock(1) of util-linux is missing or another one. */
  | 'CXLBOX_NO_FLOCK'
  /** User: the folder of shared devices, or one in it, cannot be used. */
  | 'CXLBOX_SHARED_FOLDER'
  /** User: the hosts attached to the device see it with other sizes. */
  | 'CXLBOX_SHARED_MISMATCH'
  /** User: a host of that name has the device already. */
  | 'CXLBOX_SHARED_HOST_TAKEN';

export class SharedDeviceError extends Error {
  readonly code: SharedDeviceErrorCode;
  /** What to do in this very case; absent: what the code says. */
  readonly remedy: string | undefined;

  constructor(code: SharedDeviceErrorCode, message: string, remedy?: string) {
    super(message);
    this.name = 'SharedDeviceError';
    this.code = code;
    this.remedy = remedy;
  }
}

interface Owned {
  readonly path: string;
  readonly uid: number;
}

/** The first folder or file on the way from `path` to the root that can be looked at. */
function ownerOf(path: string): Owned | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      return { path: at, uid: lstatSync(at).uid };
    } catch {
      if (at === dirname(at)) return undefined;
    }
  }
}

/** A file or folder belongs to another user; `detail`: how that was found out. */
export function foreignError(path: string, uid: number, detail = ''): SharedDeviceError {
  return new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `only boxes of one user can share devices, and ${path} belongs to user ${uid}${detail}`,
    'open all boxes that share a device as one user, or give the device another `shared` name, or set CXLBOX_SHARED to a ' +
      'folder of your own',
  );
}

const REFUSALS = new Set(['EACCES', 'EPERM']);
const SPACE = new Set(['ENOSPC', 'EDQUOT']);

function folderError(error: NodeJS.ErrnoException, uid: number | undefined): SharedDeviceError {
  const { code = '', path, message } = error;
  if (SPACE.has(code))
    return new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `no space is left: ${message}`,
      'end boxes that share devices, or give the tmpfs more space (`df` of the folder; `mount -o remount,size=...`), or set ' +
        'CXLBOX_SHARED to a folder on another tmpfs, the same for all boxes that share devices',
    );
  const owner = REFUSALS.has(code) && path !== undefined ? ownerOf(path) : undefined;
  if (owner === undefined || owner.uid === uid)
    return new SharedDeviceError('CXLBOX_SHARED_FOLDER', message);
  return foreignError(owner.path, owner.uid, `: ${message}`);
}

/** What `work` gives; a system call that fails in it becomes CXLBOX_SHARED_FOLDER. */
export function inFolder<T>(work: () => T, uid = process.getuid?.()): T {
  try {
    return work();
  } catch (error) {
    if (systemCallErrno(error) === undefined || !(error instanceof Error)) throw error;
    throw folderError(error, uid);
  }
}
