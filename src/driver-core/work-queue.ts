/**
 * Deferred kernel work: asynchronous probes, deferred probe retries, queued detaches. The machine
 * drains it with `settle()`, which is one legal schedule of the kernel's.
 */
export class WorkQueue {
  private readonly queue: { readonly label: string; readonly run: () => void }[] = [];
  private draining = false;

  /** `label` names the work in diagnostics. */
  schedule(label: string, run: () => void): void {
    this.queue.push({ label, run });
  }

  get pending(): readonly string[] {
    return this.queue.map((work) => work.label);
  }

  /**
   * Runs until nothing is queued, work that work queues included. A nested call returns at once.
   */
  settle(): void {
    if (this.draining) return;
    this.draining = true;
    try {
      for (let work = this.queue.shift(); work !== undefined; work = this.queue.shift()) work.run();
    } finally {
      this.draining = false;
    }
  }
}
