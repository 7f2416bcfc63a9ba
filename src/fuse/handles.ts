/**
 * Open files and directories by the handle (`fh`) that the kernel holds them by. Handles are
 * reused, so the table stays as small as the number of files open at once.
 */
export class HandleTable<T> {
  private readonly slots: (T | undefined)[] = [];
  private readonly free: number[] = [];

  open(value: T): number {
    const handle = this.free.pop() ?? this.slots.length;
    this.slots[handle] = value;
    return handle;
  }

  get(handle: number): T | undefined {
    return this.slots[handle];
  }

  close(handle: number): T | undefined {
    const value = this.slots[handle];
    if (value === undefined) return undefined;
    this.slots[handle] = undefined;
    this.free.push(handle);
    return value;
  }

  get size(): number {
    return this.slots.length - this.free.length;
  }
}
