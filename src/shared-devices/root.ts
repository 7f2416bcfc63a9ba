/**
 * Where the shared devices of this user are: a folder for each, called as the device.
 */
import { lstatSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inFolder, SharedDeviceError } from './errors.ts';
import { isDirectory, makeFolder } from './folder.ts';

/** Names the folder, in place of the user's own. Also set inside a box with shared devices. */
export const ROOT_VARIABLE = 'CXLBOX_SHARED';

const OTHERS = 0o077;

function ownRoot(uid: number): string {
  return `/dev/shm/cxlbox-${uid}`;
}

function callersUid(): number {
  return process.getuid?.() ?? 0;
}

/** To be asked outside of all boxes, where an ordinary user is not uid 0. */
export function sharedRoot(chosen = process.env[ROOT_VARIABLE], uid = callersUid()): string {
  return chosen === undefined || chosen === '' ? ownRoot(uid) : resolve(chosen);
}

function assertParent(root: string): void {
  if (isDirectory(dirname(root))) return;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${root} cannot be made: there is no folder ${dirname(root)}`,
  );
}

/**
 * Makes the folder if it is missing, and none above it. CXLBOX_SHARED_FOLDER: it cannot be made, or it is the one that is not chosen and
 * others may change it: everybody may make folders in /dev/shm.
 */
export function prepareRoot(root: string, uid = callersUid()): void {
  inFolder(() => {
    assertParent(root);
    makeFolder(root);
  });
  if (root !== ownRoot(uid)) return;
  const stat = inFolder(() => lstatSync(root));
  if (stat.isDirectory() && stat.uid === uid && (stat.mode & OTHERS) === 0) return;
  const why = `${root} is not a folder that user ${uid} alone may enter`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}
