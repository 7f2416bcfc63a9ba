/**
 * Where compiled code is kept: `$XDG_CACHE_HOME/cxlbox`, or `~/.cache/cxlbox`, a folder of the
 * user's own that others cannot change.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

const PRIVATE = 0o700;
const OF_OTHERS = 0o022;

/** Undefined: the user has none. */
function cacheHome({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string | undefined {
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  return HOME !== undefined && isAbsolute(HOME) ? join(HOME, '.cache') : undefined;
}

/** Code that another user could have written is not run. */
function isOwn(folder: string): boolean {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const descriptor = openSync(folder, flags);
  try {
    const { uid, mode } = fstatSync(descriptor);
    return uid === process.getuid?.() && (mode & OF_OTHERS) === 0;
  } finally {
    closeSync(descriptor);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: PRIVATE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The folder; `make`: it is made if it is missing. Undefined: there is none to be had. */
export function cacheFolder(make: boolean, env = process.env): string | undefined {
  const home = cacheHome(env);
  if (home === undefined) return undefined;
  const folder = join(home, 'cxlbox');
  try {
    // Not by Node's `recursive`, which never ends in a folder where nothing can be made, like /proc.
    if (make) for (const each of [home, folder]) makeFolder(each);
    return isOwn(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}
