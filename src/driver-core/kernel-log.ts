/**
 * The machine's kernel log: what printk would say, and why writes were refused. No clock: lines
 * carry a number.
 */
import { formatRefusal, type LogLevel, type LogLine } from '../cxlbox-abi/log.ts';
import type { KernelError } from '../errno.ts';
import { Ring } from './ring.ts';

const CAPACITY = 4096;

export class KernelLog {
  private readonly ring = new Ring<LogLine>(CAPACITY);
  private sequence = 0;
  private readonly listeners = new Set<(line: LogLine) => void>();

  print(level: LogLevel, text: string): void {
    this.sequence += 1;
    const line: LogLine = { sequence: this.sequence, level, text };
    this.ring.push(line);
    for (const listener of this.listeners) listener(line);
  }

  /**
   * A write, or an open for writing, of the attribute at `path` that was refused: the reason, which
   * no errno tells.
   */
  refused(path: string, error: KernelError): void {
    const { errno, reason } = error;
    this.print('info', formatRefusal({ path, errno, reason }));
  }

  /** The lines still held, oldest first. */
  lines(): readonly LogLine[] {
    return this.ring.entries();
  }

  subscribe(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
