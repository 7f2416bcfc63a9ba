/**
 * The clock of a box, for a model that holds none: while delayed work waits, the machine's time
 * follows the clock by whole milliseconds. While none waits no time passes in the machine, so that
 * a request costs no look at the clock.
 */
import type { WorkQueue } from '../driver-core/work-queue.ts';

/** A wake-up before its time would be in vain: two clocks and a rounding must not cause that. */
const MARGIN_MILLISECONDS = 1;

export class MachineTime {
  private readonly work: WorkQueue;
  /** Milliseconds; never goes back. */
  private readonly clock: () => number;
  /** When the machine's time last agreed with the clock; undefined: no work waits. */
  private agreed: number | undefined;

  constructor(work: WorkQueue, clock: () => number) {
    this.work = work;
    this.clock = clock;
  }

  /** Runs what is due by now. False: nothing was. Throws what the work throws. */
  pass(): boolean {
    if (this.agreed === undefined) return false;
    const passed = Math.floor(this.clock() - this.agreed);
    this.agreed += passed;
    const due = passed >= (this.work.nextDue?.milliseconds ?? Number.POSITIVE_INFINITY);
    this.work.advance(passed);
    return due;
  }

  /**
   * To be called after each request: when `pass` has to be called again, in the machine's time, and
   * in how many milliseconds that is for sure. Undefined: no work waits.
   */
  nextDue(): { readonly at: number; readonly milliseconds: number } | undefined {
    const next = this.work.nextDue;
    if (next === undefined) {
      this.agreed = undefined;
      return undefined;
    }
    const now = this.clock();
    this.agreed ??= now;
    const left = Math.ceil(this.agreed + next.milliseconds - now);
    return { at: next.at, milliseconds: Math.max(0, left) + MARGIN_MILLISECONDS };
  }
}
