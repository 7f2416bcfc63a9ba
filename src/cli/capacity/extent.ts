/**
 * Extents of dynamic capacity as a fabric manager sees them, and where a new one fits.
 */
import type { CapacityRequest, Extent } from '../../cxlbox-abi/capacity.ts';

/** What `add` and `release` take: extents of one tag. */
export function capacityRequest(extents: readonly Extent[], force = false): CapacityRequest {
  return { extents, tag: extents[0]?.tag, force };
}

export function overlap(one: Extent, other: Extent): boolean {
  return one.offset < other.offset + other.length && other.offset < one.offset + one.length;
}

/**
 * The lowest offset at which `length` bytes are free of all `taken` (the selection policy
 * "contiguous"); undefined if there is none below `size`.
 */
export function firstFit(
  size: number,
  length: number,
  taken: readonly Extent[],
): number | undefined {
  let offset = 0;
  for (const extent of [...taken].sort((a, b) => a.offset - b.offset)) {
    if (offset + length <= extent.offset) break;
    offset = Math.max(offset, extent.offset + extent.length);
  }
  return offset + length <= size ? offset : undefined;
}

/** Bytes that none of `taken` has; extents that several hosts share count once. */
export function freeBytes(size: number, taken: readonly Extent[]): number {
  let [used, end] = [0, 0];
  for (const { offset, length } of [...taken].sort((a, b) => a.offset - b.offset)) {
    used += Math.max(0, offset + length - Math.max(end, offset));
    end = Math.max(end, offset + length);
  }
  return size - used;
}
