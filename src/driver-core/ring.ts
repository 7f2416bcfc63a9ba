/**
 * The last entries of a stream: a new one takes the place of the oldest.
 */
export class Ring<T> {
  private readonly capacity: number;
  private readonly slots: T[] = [];
  /** Where the oldest entry is once all slots are in use. */
  private oldest = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  push(entry: T): void {
    if (this.slots.length < this.capacity) {
      this.slots.push(entry);
      return;
    }
    this.slots[this.oldest] = entry;
    this.oldest = (this.oldest + 1) % this.capacity;
  }

  /** Oldest first. */
  entries(): T[] {
    return [...this.slots.slice(this.oldest), ...this.slots.slice(0, this.oldest)];
  }
}
