/**
 * Time that the machine would have taken. The model has no clock: it adds the time up, and the
 * server that answers the write waits.
 */
export class OwedTime {
  private milliseconds = 0;

  owe(milliseconds: number): void {
    this.milliseconds += milliseconds;
  }

  /** Milliseconds owed since the last call, which are then no longer owed. */
  take(): number {
    const { milliseconds } = this;
    this.milliseconds = 0;
    return milliseconds;
  }
}
