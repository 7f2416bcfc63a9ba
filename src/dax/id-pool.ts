/**
 * The kernel's `ida`: hands out the lowest free number.
 */
export class IdPool {
  private readonly taken = new Set<number>();

  take(): number {
    let id = 0;
    while (this.taken.has(id)) id += 1;
    this.taken.add(id);
    return id;
  }

  release(id: number): void {
    this.taken.delete(id);
  }
}
