/**
 * Where the shared devices of this user are: a folder for each, called as the device.
 *
 * The default is in /dev/shm, where everybody may make folders: it counts only if it is this user's
 * alone. A folder that the user chose may be another's only if that is root, and others may write
 * to it only if they cannot rename what is not theirs, as in /dev/shm itself; the folder of each
 * device is checked by itself.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCallErrno } from '../errno.ts';
import { Directory, ifThere, WRITABLE_BY_OTHERS } from './directory.ts';
import { inFolder, SharedDeviceError } from './errors.ts';
import { mayOwnRoot, ownUid } from './owner.ts';

/** Names the folder, in place of the user's own. Also set inside a box with shared devices. */
export const ROOT_VARIABLE = 'CXLBOX_SHARED';

const PRIVATE = 0o700;
const OTHERS = 0o077;
const STICKY = 0o1000;

function ownRoot(uid: number): string {
  return `/dev/shm/cxlbox-${uid}`;
}

/** To be asked outside of all boxes, where an ordinary user is not uid 0. */
export function sharedRoot(chosen = process.env[ROOT_VARIABLE], uid = ownUid()): string {
  return chosen === undefined || chosen === '' ? ownRoot(uid) : resolve(chosen);
}

const ELSEWHERE =
  'set CXLBOX_SHARED to a folder of your own, such as $XDG_RUNTIME_DIR/cxlbox, the same for all boxes that share devices';

function assertOwnRoot(root: Directory, uid: number): void {
  const { uid: owner, mode } = root.stat();
  if (owner === uid && (mode & OTHERS) === 0) return;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${root.path} is not a folder that only user ${uid} can enter`,
    owner === uid
      ? `check what others left in it, then: chmod 700 ${root.path}`
      : `it belongs to user ${owner}: ask that user or root to remove it, or ${ELSEWHERE}`,
  );
}

function assertChosenRoot(root: Directory): void {
  const { uid, mode } = root.stat();
  if (!mayOwnRoot(uid))
    throw new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `${root.path} belongs to user ${uid}, who could replace your devices with anything`,
      ELSEWHERE,
    );
  if ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0) return;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `other users can write to ${root.path}, and could replace your devices with anything`,
    `chmod go-w ${root.path}, or ${ELSEWHERE}`,
  );
}

/**
 * The folder, if it is there. CXLBOX_SHARED_FOLDER: others may change what is in it, or it cannot
 * be opened.
 */
export function openRoot(root: string, uid = ownUid()): Directory | undefined {
  return inFolder(() => {
    const opened = ifThere(() => Directory.open(root));
    try {
      if (opened !== undefined && root === ownRoot(uid)) assertOwnRoot(opened, uid);
      else if (opened !== undefined) assertChosenRoot(opened);
      return opened;
    } catch (error) {
      opened?.close();
      throw error;
    }
  });
}

/** What `work` gives for the folder; undefined if it is not there. As openRoot(). */
export function withRoot<T>(root: string, work: (root: Directory) => T): T | undefined {
  const opened = openRoot(root);
  if (opened === undefined) return undefined;
  try {
    return inFolder(() => work(opened));
  } finally {
    opened.close();
  }
}

function assertParent(root: string): void {
  if (statSync(dirname(root), { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${root} cannot be created, because there is no folder ${dirname(root)}`,
  );
}

function makeRoot(root: string): void {
  try {
    mkdirSync(root, { mode: PRIVATE });
  } catch (error) {
    if (systemCallErrno(error) !== 'EEXIST') throw error;
  }
}

/** Makes the folder if it is missing, and none above it, and opens it. As openRoot(). */
export function prepareRoot(root: string, uid = ownUid()): Directory {
  inFolder(() => {
    assertParent(root);
    makeRoot(root);
  });
  const opened = openRoot(root, uid);
  if (opened !== undefined) return opened;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', `${root} was removed while it was opened`);
}
