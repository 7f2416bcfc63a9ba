/**
 * Deferred kernel work: asynchronous probes, deferred probe retries, queued detaches. The machine
 * drains it with `settle()`, which is one legal schedule of the kernel's.
 *
 * Delayed work (`queue_delayed_work`, `kernel/workqueue.c`, 7.2) waits until it is due. The model
 * holds no clock: time stands still until somebody outside says how much has passed.
 */

interface Work {
  /** Names the work in diagnostics. */
  readonly label: string;
  readonly run: () => void;
}

interface DelayedWork extends Work {
  readonly due: number;
}

export class WorkQueue {
  private readonly queue: Work[] = [];
  /** In order of due time; what is due at the same time, in the order of `after()`. */
  private readonly delayed: DelayedWork[] = [];
  /** Milliseconds since the boot: what is due by then has run. */
  private now = 0;
  /** Where `now` is when the machine is at rest. */
  private end = 0;
  private draining = false;

  schedule(label: string, run: () => void): void {
    this.queue.push({ label, run });
  }

  /** Runs it when so many milliseconds have passed. Returns what keeps it from running. */
  after(milliseconds: number, label: string, run: () => void): () => void {
    const work: DelayedWork = { due: this.now + milliseconds, label, run };
    const at = this.delayed.findIndex(({ due }) => due > work.due);
    this.delayed.splice(at < 0 ? this.delayed.length : at, 0, work);
    return () => {
      const index = this.delayed.indexOf(work);
      if (index >= 0) this.delayed.splice(index, 1);
    };
  }

  get pending(): readonly string[] {
    return this.queue.map((work) => work.label);
  }

  /** When the next delayed work is due, and how long until then; undefined: there is none. */
  get nextDue(): { readonly at: number; readonly milliseconds: number } | undefined {
    const [next] = this.delayed;
    return next === undefined ? undefined : { at: next.due, milliseconds: next.due - this.now };
  }

  /**
   * Runs until nothing is queued, work that work queues included. A nested call returns at once.
   */
  settle(): void {
    if (this.draining) return;
    this.draining = true;
    try {
      do
        for (let work = this.queue.shift(); work !== undefined; work = this.queue.shift())
          work.run();
      while (this.expire());
    } finally {
      this.draining = false;
    }
  }

  /**
   * So many milliseconds pass. What becomes due runs at its own time, one after the other: the
   * machine comes to rest before the next is due, and what a work delays counts from then. Ten
   * milliseconds ten times are the same as a hundred. RangeError: not a whole number of 0 or more.
   */
  advance(milliseconds: number): void {
    if (!Number.isSafeInteger(milliseconds) || milliseconds < 0)
      throw new RangeError(
        `time advances by whole milliseconds of 0 or more, not by ${milliseconds}`,
      );
    this.end += milliseconds;
    this.settle();
  }

  /** Queues what is due next. False: nothing is until the end. */
  private expire(): boolean {
    const [next] = this.delayed;
    if (next === undefined || next.due > this.end) {
      this.now = this.end;
      return false;
    }
    this.delayed.shift();
    this.now = next.due;
    this.queue.push(next);
    return true;
  }
}
