/**
 * An allocator of small numbers that always hands out the lowest free one (`lib/idr.c`,
 * `ida_alloc`).
 */
export class Ida {
  private readonly used = new Set<number>();
  /** No number below this one is free. */
  private lowest = 0;

  allocate(): number {
    let id = this.lowest;
    while (this.used.has(id)) id += 1;
    this.used.add(id);
    this.lowest = id + 1;
    return id;
  }

  /** Takes `id` itself. False if it is taken. */
  take(id: number): boolean {
    if (this.used.has(id)) return false;
    this.used.add(id);
    return true;
  }

  free(id: number): void {
    if (this.used.delete(id) && id < this.lowest) this.lowest = id;
  }
}
