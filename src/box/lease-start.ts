/**
 * When names are leased to the kernel: from the time on when the mount has its guard (guard.ts),
 * since the thread that takes names back may wait for the mount. A guard takes as long to start as
 * a shell, so it is asked for only by a box in which that pays.
 */

/** Of the kernel, for names: a command that reads a few attributes needs fewer. */
const LOOKUPS_BEFORE = 400;
/** How often to look whether the guard has come. */
const LOOKUPS_A_LOOK = 20;

export interface Guard {
  /** Has it started. */
  ask(): void;
  isThere(): boolean;
}

/** A function to be called at each lookup, true when its name may be leased. */
export function leaseStart(guard: Guard): () => boolean {
  let there = guard.isThere();
  let lookups = 0;
  return () => {
    if (there) return true;
    lookups += 1;
    if (lookups === LOOKUPS_BEFORE) guard.ask();
    if (lookups > LOOKUPS_BEFORE && lookups % LOOKUPS_A_LOOK === 0) there = guard.isThere();
    return there;
  };
}
