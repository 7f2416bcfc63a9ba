/**
 * What HDM decoders can interleave (`check_interleave_cap`, 7.2; CXL 3.1, 8.2.4.20).
 */

/** Address bits that decoders can select targets by: both interleave capabilities, A11 to A8 and A14 to A12. */
const HIGHEST_SELECTABLE_BIT = 14;

export function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

/** For address bit routing, ways that are a multiple of three count as a third (3 -> 1, 6 -> 2, 12 -> 4). */
export function routingWays(ways: number): number {
  return isPowerOfTwo(ways) ? ways : ways / 3;
}

/** False where the address bits that select among `ways` targets of `granularity` bytes reach too high. */
export function canInterleave(ways: number, granularity: number): boolean {
  const bits = Math.log2(routingWays(ways));
  return bits === 0 || Math.log2(granularity) + bits - 1 <= HIGHEST_SELECTABLE_BIT;
}
