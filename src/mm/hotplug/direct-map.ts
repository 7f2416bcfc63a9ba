/**
 * How much of the direct map is mapped with which page size (`DirectMap*` of /proc/meminfo, 7.2).
 * Bytes.
 */
import { PMD_SIZE, PUD_SIZE } from '../constants.ts';

export class DirectMap {
  small = 0;
  medium = 0;
  large = 0;

  map(start: number, size: number): void {
    this.change(start, size, 1);
  }

  /**
   * Unmapping a part of a large page splits it first; what was mapped in parts is not made of large
   * pages.
   */
  unmap(start: number, size: number): void {
    this.change(start, size, -1);
    while (this.large < 0) {
      this.large += PUD_SIZE;
      this.medium -= PUD_SIZE;
    }
    while (this.medium < 0 && this.large > 0) {
      this.large -= PUD_SIZE;
      this.medium += PUD_SIZE;
    }
  }

  private change(start: number, size: number, sign: 1 | -1): void {
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
function aligned(
  start: number,
  end: number,
  unit: number,
): { readonly start: number; readonly end: number } {
  const first = Math.ceil(start / unit) * unit;
  const last = Math.floor(end / unit) * unit;
  return { start: first, end: Math.max(first, last) };
}
