/**
 * Locks that end with their holder, however it ends.
 *
 * Node has no flock(2). flock(1) locks a descriptor that it inherits, and the lock belongs to the
 * open file description: it outlives flock(1) and is ours until we close the descriptor, or die.
 * Node opens files close-on-exec, so no other child keeps it. Process ids would not do: each box
 * counts its own.
 */
import { spawnSync } from 'node:child_process';
import { SharedDeviceError } from './errors.ts';

const WAYS = { shared: '-s', exclusive: '-x' } as const;
/** Descriptor of flock(1) that `file` becomes. */
const INHERITED = 3;
/**
 * What flock(1) is told to end with if others hold the lock; its own errors end with 64 and more,
 * or 1.
 */
const HELD_BY_OTHERS = 42;

/**
 * All of the caller's environment that flock(1) is given. In a box, the thread that waits for it is
 * the one that answers the box's /sys, so the child must not ask for anything there: libc does, at
 * its start, when GLIBC_TUNABLES want huge pages, and what LD_PRELOAD brings may.
 */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH };
}

/**
 * Locks an open file. False if others hold a lock that excludes it, and still do after `seconds`
 * (0: does not wait). CXLBOX_NO_FLOCK.
 */
export function lockFile(file: number, way: keyof typeof WAYS, seconds: number): boolean {
  const wait = seconds === 0 ? ['-n'] : ['-w', String(seconds)];
  const { status, error, stderr } = spawnSync(
    'flock',
    [WAYS[way], ...wait, '-E', String(HELD_BY_OTHERS), String(INHERITED)],
    { stdio: ['ignore', 'ignore', 'pipe', file], encoding: 'utf8', env: environment() },
  );
  if (error !== undefined) throw new SharedDeviceError('CXLBOX_NO_FLOCK', error.message);
  if (status === HELD_BY_OTHERS) return false;
  if (status !== 0)
    throw new SharedDeviceError('CXLBOX_NO_FLOCK', stderr.trim() || `it ended with ${status}`);
  return true;
}
