import { BrokenInvariant } from '../machine-run.ts';

/** Fails the property with `text` unless the condition holds. */
export function must(condition: boolean, text: () => string): void {
  if (!condition) throw new BrokenInvariant(text());
}

export interface NamedRange {
  readonly name: string;
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

function show({ name, start, end }: NamedRange): string {
  return `${name} 0x${start.toString(16)}-0x${end.toString(16)}`;
}

/** No two of the ranges share an address. */
export function mustBeDisjoint(ranges: readonly NamedRange[], what: string): void {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    must(
      next === undefined || range.end < next.start,
      () => `${what}: ${show(range)} overlaps ${next === undefined ? '' : show(next)}`,
    );
  }
}

export function mustContain(outer: NamedRange, inner: NamedRange): void {
  must(
    outer.start <= inner.start && inner.end <= outer.end,
    () => `${show(inner)} is not inside ${show(outer)}`,
  );
}
