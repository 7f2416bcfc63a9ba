/**
 * Folders that nobody but their user may enter.
 *
 * Made by plain mkdir(2): Node's recursive one tries for ever where a folder is there and takes no others, as /proc, and
 * calls a file system that is read-only a missing folder.
 */
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { errnoOf, SharedDeviceError } from './errors.ts';

const PRIVATE = 0o700;

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Something else, or a link to nowhere. False for a folder that is removed at this moment. */
function isNoFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) return !stat.isDirectory();
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Makes the folder if it is missing. CXLBOX_SHARED_FOLDER: it is something else; and what mkdir(2) throws. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: PRIVATE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    if (isNoFolder(path))
      throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', `${path} is there, and is no folder`);
  }
}
