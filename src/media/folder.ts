/**
 * Folders with contents of memory devices. They may lie in one that a user chose, where others make
 * folders too: then a folder of theirs, or a link, must not be taken for ours.
 */
import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Directory } from '../shared-devices/directory.ts';

/** Makes the folder if it is missing. `above` may be the folder that the user chose, and a link. */
export function openBelow(above: Directory, name: string): Directory {
  above.make(name);
  return above.enterTrusted(name);
}

/** As openBelow(); makes what is missing on the way as well. */
export function openMediaFolder(path: string): Directory {
  mkdirSync(dirname(path), { recursive: true });
  const above = Directory.follow(dirname(path));
  try {
    return openBelow(above, basename(path));
  } finally {
    above.close();
  }
}
