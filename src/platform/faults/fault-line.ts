/**
 * The text that `inject` takes: a kind, what it is about, and `key=value` options. Every complaint is EINVAL with a reason
 * for the kernel log.
 */
import type { FaultRequest } from '../../cxlbox-abi/fault.ts';
import { ERRNO, type Errno, KernelError } from '../../errno.ts';
import { suggestion } from '../description/did-you-mean.ts';
import { FAULT_KINDS, type FaultKind } from './fault.ts';
import type { StrikeLimits } from './strikes.ts';

/** What a probe may fail with: an errno, or the wish to be asked again. */
export const PROBE_ERRNOS = [...(Object.keys(ERRNO) as Errno[]), 'EPROBE_DEFER'] as const;
export type ProbeErrno = (typeof PROBE_ERRNOS)[number];
export const ERRNO_NAMES = Object.keys(ERRNO) as readonly Errno[];

/** Of times, skip and milliseconds: what a timer can wait. */
export const MAX_NUMBER = 2 ** 31 - 1;

export function invalid(reason: string): KernelError {
  return new KernelError('EINVAL', reason);
}

/** The word of a list; EINVAL with the nearest one otherwise. */
export function wordOf<T extends string>(what: string, text: string, words: readonly T[]): T {
  const word = words.find((each) => each === text);
  if (word === undefined) throw invalid(`'${text}' is no ${what}${suggestion(text, words)}`);
  return word;
}

export class FaultLine {
  readonly kind: FaultKind;
  private readonly operands: readonly string[];
  private readonly options: ReadonlyMap<string, string>;

  constructor({ kind, operands, options }: FaultRequest) {
    this.kind = wordOf('kind of fault', kind, FAULT_KINDS);
    this.operands = operands;
    this.options = options;
  }

  /** Only these options, and so many words besides. */
  expect(keys: readonly string[], operands: number): void {
    for (const key of this.options.keys()) {
      if (keys.length === 0)
        throw invalid(`'${key}' is no option of ${this.kind}, which takes none`);
      wordOf(`option of ${this.kind}`, key, keys);
    }
    if (this.operands.length !== operands) {
      const wanted = operands === 0 ? 'takes options only' : 'takes one name';
      throw invalid(`${this.kind} ${wanted}, not '${this.operands.join(' ')}'`);
    }
  }

  get operand(): string {
    return this.operands[0] ?? '';
  }

  text(key: string): string | undefined {
    return this.options.get(key);
  }

  required(key: string): string {
    const text = this.options.get(key);
    if (text === undefined) throw invalid(`${this.kind} needs ${key}=`);
    return text;
  }

  /** A whole number from `least` to MAX_NUMBER. */
  number(key: string, least: number): number | undefined {
    const text = this.options.get(key);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= MAX_NUMBER) return value;
    if (value > MAX_NUMBER) throw invalid(`${key} is at most ${MAX_NUMBER}, not '${text}'`);
    throw invalid(`${key} is a whole number from ${least} on, not '${text}'`);
  }

  limits(): StrikeLimits {
    return { skip: this.number('skip', 0) ?? 0, times: this.number('times', 1) };
  }
}

/** The words of a fault's parameters that have a value. */
export function parametersText(words: readonly (readonly [key: string, value: unknown])[]): string {
  return words
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(' ');
}
