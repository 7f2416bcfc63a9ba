/**
 * A place where something can be made to go wrong on purpose, as the kernel's own fault injection
 * has them (`should_fail`): the code passes the point, and a listener may throw what a real failure
 * there would throw.
 */
export class FaultPoint<Passer extends readonly unknown[]> {
  private readonly listeners = new Set<(...passer: Passer) => void>();

  /**
   * Calls `listener` whenever the point is passed; what it throws is the failure. Returns how to
   * stop that.
   */
  subscribe(listener: (...passer: Passer) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Throws what the first listener throws that does. */
  pass(...passer: Passer): void {
    // Half a million memory blocks pass here, and there is usually no listener.
    if (this.listeners.size === 0) return;
    for (const listener of [...this.listeners]) listener(...passer);
  }
}
