/**
 * The faults of one machine: something that goes wrong on purpose, once or again and again, until
 * it is cleared. A number is never given twice.
 */
import { FAULT_INJECT, type FaultRequest, type ListedFault } from '../../cxlbox-abi/fault.ts';
import type { KernelLog } from '../../driver-core/kernel-log.ts';
import { KernelError } from '../../errno.ts';
import { suggestion } from '../description/did-you-mean.ts';
import type { FaultEffect, FaultKind, KindAt, Stage, Stages } from './kind.ts';
import { FAULT_KINDS } from './kinds/index.ts';
import { type FaultParameters, invalid, parametersOf, requestOf } from './parameters.ts';

interface Fault {
  readonly request: FaultRequest;
  readonly effect: FaultEffect;
}

type MakeFault = (parameters: FaultParameters, number: number) => FaultEffect;

function isAt<S extends Stage>(kind: FaultKind, stage: S): kind is FaultKind & KindAt<S> {
  return kind.stage === stage;
}

function kindNamed(name: string): FaultKind {
  const kind = FAULT_KINDS.find((each) => each.name === name);
  if (kind !== undefined) return kind;
  const names = FAULT_KINDS.map((each) => each.name);
  throw invalid(`'${name}' is not a kind of fault${suggestion(name, names)}`);
}

export class FaultList {
  private readonly log: KernelLog;
  private readonly makers = new Map<FaultKind, MakeFault>();
  private readonly faults = new Map<number, Fault>();
  private last = 0;

  constructor(log: KernelLog) {
    this.log = log;
  }

  /**
   * The machine has booted so far; `asked` for faults of this stage are injected. Throws what
   * inject() throws.
   */
  reach<S extends Stage>(stage: S, at: Stages[S], asked: readonly FaultRequest[]): void {
    const kinds = FAULT_KINDS.flatMap((kind) => (isAt(kind, stage) ? [kind] : []));
    for (const kind of kinds)
      this.makers.set(kind, (parameters, number) => kind.make(at, parameters, number));
    for (const request of asked)
      if (kinds.some(({ name }) => name === request.kind)) this.inject(request);
  }

  /** Oldest first. */
  list(): ListedFault[] {
    return [...this.faults].map(([number, { request, effect }]) => ({
      ...request,
      number,
      struck: effect.struck(),
    }));
  }

  /** Returns the number. EINVAL: the words; else as the kind says. */
  inject(asked: FaultRequest): number {
    const kind = kindNamed(asked.kind);
    const make = this.makers.get(kind);
    if (make === undefined)
      throw invalid(`${kind.name} cannot be injected yet: the machine is booting`);
    const parameters = parametersOf(kind, asked);
    const number = this.last + 1;
    const effect = make(parameters, number);
    const { operand = parameters.operand } = effect;
    const request = requestOf(kind, { ...parameters, operand });
    this.last = number;
    this.faults.set(number, { request, effect });
    this.tell(number, 'injected', request);
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
    this.tell(number, 'cleared', fault.request);
    fault.effect.clear();
  }

  private tell(number: number, what: string, request: FaultRequest): void {
    this.log.print(
      'info',
      `cxlbox: fault ${number} ${what}: ${FAULT_INJECT.format(request).trim()}`,
    );
  }
}
