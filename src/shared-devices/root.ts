/**
 * Where the shared devices of this user are: a folder for each, called as the device.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { inFolder, SharedDeviceError } from './errors.ts';

/** Names the folder, in place of the user's own. Also set inside a box with shared devices. */
export const ROOT_VARIABLE = 'CXLBOX_SHARED';

const PRIVATE = 0o700;
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

/**
 * Makes the folder if it is missing. CXLBOX_SHARED_FOLDER: it cannot be made, or it is the one that is not chosen and
 * others may change it: everybody may make folders in /dev/shm.
 */
export function prepareRoot(root: string, uid = callersUid()): void {
  inFolder(() => mkdirSync(root, { recursive: true, mode: PRIVATE }));
  if (root !== ownRoot(uid)) return;
  const stat = inFolder(() => lstatSync(root));
  if (stat.isDirectory() && stat.uid === uid && (stat.mode & OTHERS) === 0) return;
  const why = `${root} is not a folder that user ${uid} alone may enter`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}
