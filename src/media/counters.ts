/**
 * Who uses a dax device and how much: the text of debugfs `cxlbox/dax/daxN.Y`.
 */

interface ProcessCounters {
  opens: number;
  /** Requests for pages; one may bring several. */
  faults: number;
  bytes: number;
  sigbus: number;
}

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
  render(size: number): string {
    const { opens, faults, bytes, sigbus } = this.total;
    const lines = [
      `size ${size}`,
      `opens ${opens}`,
      `faults ${faults}`,
      `fault_bytes ${bytes}`,
      `written_back_bytes ${this.writtenBack}`,
      `sigbus ${sigbus}`,
      ...Object.entries(this.refused).map(([operation, count]) => `refused_${operation}s ${count}`),
      ...[...this.processes].map(
        ([pid, each]) =>
          `process ${pid} opens ${each.opens} faults ${each.faults} fault_bytes ${each.bytes} sigbus ${each.sigbus}`,
      ),
    ];
    return `${lines.join('\n')}\n`;
  }
}
