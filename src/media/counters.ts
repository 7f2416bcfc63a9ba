/**
 * Who uses a dax device and how much.
 */
import type { DaxUse, ProcessUse } from '../cxlbox-abi/dax-use.ts';

type ProcessCounters = { -readonly [Key in keyof ProcessUse]: ProcessUse[Key] };

/** Processes remembered; the first to come is the first to be forgotten. */
const PROCESSES = 256;

export class DaxCounters {
  readonly refused = { open: 0, read: 0, write: 0 };
  /** Bytes that came back from mappings. */
  writtenBack = 0;
  private readonly total: ProcessCounters = { opens: 0, faults: 0, bytes: 0, sigbus: 0 };
  private readonly processes = new Map<number, ProcessCounters>();

  private of(pid: number): ProcessCounters {
    const known = this.processes.get(pid);
    if (known !== undefined) return known;
    for (const oldest of this.processes.keys()) {
      if (this.processes.size < PROCESSES) break;
      this.processes.delete(oldest);
    }
    const made = { opens: 0, faults: 0, bytes: 0, sigbus: 0 };
    this.processes.set(pid, made);
    return made;
  }

  private count(pid: number, what: keyof ProcessCounters, amount: number): void {
    this.total[what] += amount;
    this.of(pid)[what] += amount;
  }

  opened(pid: number): void {
    this.count(pid, 'opens', 1);
  }

  faulted(pid: number, bytes: number): void {
    this.count(pid, 'faults', 1);
    this.count(pid, 'bytes', bytes);
  }

  killed(pid: number): void {
    this.count(pid, 'sigbus', 1);
  }

  /** `size`: of the device, bytes. */
  use(size: number): DaxUse {
    return {
      ...this.total,
      size,
      writtenBack: this.writtenBack,
      refused: this.refused,
      processes: [...this.processes].map(([pid, each]) => ({ pid, ...each })),
    };
  }
}
