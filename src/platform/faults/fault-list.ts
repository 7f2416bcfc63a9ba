/**
 * The faults of one machine. A number is never given twice.
 */
import { FAULT_INJECT, type FaultRequest, type ListedFault } from '../../cxlbox-abi/fault.ts';
import type { KernelLog } from '../../driver-core/kernel-log.ts';
import { KernelError } from '../../errno.ts';
import type { Fault, FaultKind } from './fault.ts';
import { FaultLine, invalid } from './fault-line.ts';

/** Makes the fault with this number, in effect at once. Throws KernelError. */
export type MakeFault = (line: FaultLine, number: number) => Fault;

export class FaultList {
  private readonly log: KernelLog;
  private readonly kinds = new Map<FaultKind, MakeFault>();
  private readonly faults = new Map<number, Fault>();
  private last = 0;

  constructor(log: KernelLog) {
    this.log = log;
  }

  /** The machine has booted far enough for faults of this kind. */
  offer(kind: FaultKind, make: MakeFault): void {
    this.kinds.set(kind, make);
  }

  /** By number, oldest first. */
  list(): ReadonlyMap<number, Fault> {
    return this.faults;
  }

  /** For the file. */
  listed(): ListedFault[] {
    return [...this.faults].map(([number, { kind, parameters, struck }]) => ({
      ...FAULT_INJECT.parse(`${kind} ${parameters}`),
      number,
      struck,
    }));
  }

  /** Returns the number. EINVAL: the text; else as the kind says. */
  inject(request: FaultRequest): number {
    const line = new FaultLine(request);
    const make = this.kinds.get(line.kind);
    if (make === undefined) throw invalid(`no ${line.kind} yet: the machine boots`);
    const number = this.last + 1;
    const fault = make(line, number);
    this.last = number;
    this.faults.set(number, fault);
    this.log.print('info', `cxlbox: fault ${number} injected: ${fault.kind} ${fault.parameters}`);
    return number;
  }

  /** ENOENT: no such fault. Last injected first. */
  clear(which: number | 'all'): void {
    if (which !== 'all') this.take(which);
    else for (const number of [...this.faults.keys()].reverse()) this.take(number);
  }

  private take(number: number): void {
    const fault = this.faults.get(number);
    if (fault === undefined) throw new KernelError('ENOENT', `there is no fault ${number}`);
    this.faults.delete(number);
    this.log.print('info', `cxlbox: fault ${number} cleared: ${fault.kind} ${fault.parameters}`);
    fault.clear();
  }
}
