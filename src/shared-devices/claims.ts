/**
 * Which ranges of a shared device hosts map.
 *
 * A range is a file, and a file can only be had whole. So hosts may claim the same range, or ranges
 * apart; a claim that overlaps another host's with other bounds would need that one's file cut or
 * joined under its mappings.
 */
import { hex } from '../kernfs/format.ts';

/** Device physical addresses. */
export interface DpaRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Claim extends DpaRange {
  /** The dax device of the host that shows the range. */
  readonly dax: string;
}

export interface HostClaim extends Claim {
  readonly host: string;
}

/** The claim of another host that rules out `range`. */
export function conflictOf(range: DpaRange, others: readonly HostClaim[]): HostClaim | undefined {
  return others.find(({ start, end }) => {
    const apart = range.end <= start || end <= range.start;
    const same = range.start === start && range.end === end;
    return !apart && !same;
  });
}

/** `0x0-0xfffffff`: both ends included, as the kernel prints ranges. */
export function rangeText({ start, end }: DpaRange): string {
  return `${hex(start)}-${hex(end - 1)}`;
}

/** A host may not map a range, because another one maps a part of it. */
export class ClaimRefusedError extends Error {
  readonly conflict: HostClaim;

  constructor(device: string, range: DpaRange, conflict: HostClaim) {
    const { host, dax } = conflict;
    super(
      `dpa ${rangeText(range)} of shared device '${device}' overlaps ${rangeText(conflict)}, ` +
        `which host '${host}' maps as ${dax}`,
    );
    this.name = 'ClaimRefusedError';
    this.conflict = conflict;
  }
}
