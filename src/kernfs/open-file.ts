/**
 * One open(2) of an attribute: the access rules of kernfs_fop_open and the buffering of seq_file.
 */
import { KernelError } from '../errno.ts';
import { PAGE_SIZE } from '../units.ts';
import type { FileStream, KernfsFile } from './node.ts';

export interface Access {
  readonly read: boolean;
  readonly write: boolean;
}

interface PollState {
  /** POLLERR | POLLPRI: the attribute was notified since this descriptor's last read. */
  readonly notified: boolean;
}

const WRITE_BITS = 0o222;
const READ_BITS = 0o444;

export class OpenFile {
  readonly file: KernfsFile;
  private readonly stream: FileStream | undefined;
  private buffer: string | undefined;
  private position = 0;
  private seenEvents = 0;

  /**
   * Binds root also: EACCES when the mode has no such bit at all or the attribute lacks the method
   * (`kernfs_fop_open`); ENODEV when the node is gone.
   */
  constructor(file: KernfsFile, access: Access) {
    if (!file.active) throw new KernelError('ENODEV', `${file.name} was removed`);
    const { show, store, stream } = file.content;
    if (access.write && ((file.mode & WRITE_BITS) === 0 || (store ?? stream) === undefined)) {
      throw new KernelError('EACCES', `${file.name} cannot be written`);
    }
    if (access.read && ((file.mode & READ_BITS) === 0 || (show ?? stream) === undefined)) {
      throw new KernelError('EACCES', `${file.name} cannot be read`);
    }
    this.file = file;
    this.stream = stream?.();
  }

  /** It has no position: reads and writes take what is next. */
  get isStream(): boolean {
    return this.stream !== undefined;
  }

  /** To be called once, when nothing refers to it any longer. */
  close(): void {
    this.stream?.close();
  }

  /**
   * Up to `size` bytes from `offset`. `show` runs at offset 0 and after a jump; sequential reads
   * are served from the buffer (`kernfs_seq_show`). ENODEV after removal, else what `show` throws.
   */
  read(offset: number, size: number): string {
    this.assertActive();
    if (size === 0) return '';
    if (this.stream !== undefined) return this.stream.read(size);
    if (offset === 0 || this.buffer === undefined || offset !== this.position) this.fill();
    const text = (this.buffer ?? '').slice(offset, offset + size);
    this.position = offset + text.length;
    return text;
  }

  private fill(): void {
    this.seenEvents = this.file.eventCount;
    const text = this.file.content.show?.() ?? '';
    this.buffer = this.file.options.binary ? text : text.slice(0, PAGE_SIZE - 1);
  }

  /**
   * One write(2): one `store` call, whatever the offset. Returns the count taken, at most a page; 0
   * bytes do not reach `store` (`kernfs_fop_write_iter`). A stream takes all.
   */
  write(data: string): number {
    this.assertActive();
    if (this.stream !== undefined) return this.stream.write(data);
    if (data.length === 0 && !this.file.options.storesEmpty) return 0;
    const taken = data.slice(0, PAGE_SIZE);
    this.file.content.store?.(taken);
    return taken.length;
  }

  poll(): PollState {
    return { notified: !this.file.active || this.file.eventCount !== this.seenEvents };
  }

  private assertActive(): void {
    if (!this.file.active)
      throw new KernelError('ENODEV', `${this.file.name} was removed while open`);
  }
}
