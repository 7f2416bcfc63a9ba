/**
 * What windows and HDM decoders can interleave (`check_interleave_cap`, 7.2; CXL 3.1, 8.2.4.20).
 */

/** Windows, partitions and each device's part of a region are multiples of 256 MiB (9.18.1.3). */
export const CAPACITY_MULTIPLE = 2 ** 28;
/** Ways that a register can hold (`eiw_to_ways`). */
export const INTERLEAVE_WAYS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16];
/** Granularities that a register can hold (`eig_to_granularity`), in bytes. */
export const INTERLEAVE_GRANULARITIES: readonly number[] = [
  256, 512, 1024, 2048, 4096, 8192, 16384,
];
export const MAX_GRANULARITY = 16384;
/** Targets that one port can interleave. */
export const MAX_PORT_WAYS = 8;

/**
 * Address bits that decoders can select targets by: both interleave capabilities, A11 to A8 and A14
 * to A12.
 */
const HIGHEST_SELECTABLE_BIT = 14;

export function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

/**
 * For address bit routing, ways that are a multiple of three count as a third (3 -> 1, 6 -> 2, 12
 * -> 4).
 */
export function routingWays(ways: number): number {
  return isPowerOfTwo(ways) ? ways : ways / 3;
}

/**
 * False where the address bits that select among `ways` targets of `granularity` bytes reach too
 * high.
 */
export function canInterleave(ways: number, granularity: number): boolean {
  const bits = Math.log2(routingWays(ways));
  return bits === 0 || Math.log2(granularity) + bits - 1 <= HIGHEST_SELECTABLE_BIT;
}
