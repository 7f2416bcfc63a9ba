/**
 * DPA partitions of a memory device.
 */

/** `dynamic_ram_a`: volatile capacity that comes and goes in extents (the dynamic capacity series of 2026). */
export const PARTITION_MODES = ['ram', 'pmem', 'dynamic_ram_a'] as const;
export type PartitionMode = (typeof PARTITION_MODES)[number];

/** A device has at most one of each mode, in that order, contiguous from DPA 0, and none of size zero. */
export interface Partition {
  readonly mode: PartitionMode;
  readonly start: number;
  readonly size: number;
}
