/**
 * When names are leased to the kernel: from the time on when the mount has its guard (guard.ts),
 * since the thread that takes names back may wait for the mount. A guard takes as long to start as
 * a shell, so it is asked for only by a box in which that pays.
 */

/** Of the kernel, for names: a command that reads a few attributes needs fewer. */
const LOOKUPS_BEFORE = 400;

/**
 * A function to be called at each lookup, true when its name may be leased. `guarded` has one cell,
 * 1 when there is a guard; `askGuard` is called once.
 */
export function leaseStart(guarded: Int32Array, askGuard: () => void): () => boolean {
  let lookups = 0;
  return () => {
    if (Atomics.load(guarded, 0) === 1) return true;
    lookups += 1;
    if (lookups === LOOKUPS_BEFORE) askGuard();
    return false;
  };
}
