/**
 * How much of the direct map is mapped with which page size (`DirectMap*` of /proc/meminfo, 7.2). Bytes.
 */
import { PMD_SIZE, PUD_SIZE } from './constants.ts';

export class DirectMap {
  small = 0;
  medium = 0;
  large = 0;

  /** `sign` 1 to map the range, -1 to unmap one that was mapped the same way. */
  change(start: number, size: number, sign: 1 | -1): void {
    const medium = aligned(start, start + size, PMD_SIZE);
    const large = aligned(medium.start, medium.end, PUD_SIZE);
    const mediumSize = medium.end - medium.start;
    const largeSize = large.end - large.start;
    this.small += sign * (size - mediumSize);
    this.medium += sign * (mediumSize - largeSize);
    this.large += sign * largeSize;
  }
}

/** The part of the range that consists of whole units; empty if there is none. */
function aligned(start: number, end: number, unit: number): { readonly start: number; readonly end: number } {
  const first = Math.ceil(start / unit) * unit;
  const last = Math.floor(end / unit) * unit;
  return { start: first, end: Math.max(first, last) };
}
