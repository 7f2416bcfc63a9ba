/**
 * Bytes that arrive and leave in pieces of any size.
 */
export class ByteQueue {
  private bytes = new Uint8Array(0);

  get length(): number {
    return this.bytes.length;
  }

  push(more: Uint8Array): void {
    const joined = new Uint8Array(this.bytes.length + more.length);
    joined.set(this.bytes);
    joined.set(more, this.bytes.length);
    this.bytes = joined;
  }

  /** The next bytes, which stay. */
  peek(count: number): Uint8Array {
    return this.bytes.subarray(0, count);
  }

  /** At most `count` of them. */
  take(count: number): Uint8Array {
    const taken = this.bytes.subarray(0, count);
    this.bytes = this.bytes.subarray(taken.length);
    return taken;
  }

  clear(): void {
    this.bytes = new Uint8Array(0);
  }
}
