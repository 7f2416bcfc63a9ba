/**
 * DPA partitions of a memory device.
 */

/**
 * `dynamic_ram_a`: volatile capacity that comes and goes in extents (the dynamic capacity series of
 * 2026).
 */
export const PARTITION_MODES = ['ram', 'pmem', 'dynamic_ram_a'] as const;
/** A partition of a memory device, and the kind of a region over it. */
export type PartitionMode = (typeof PARTITION_MODES)[number];

/** Bytes by partition; 0 for one that a device does not have. */
export type Capacity = Readonly<Record<PartitionMode, number>>;

/** Bytes of all partitions. */
export function totalCapacity(capacity: Capacity): number {
  return PARTITION_MODES.reduce((sum, mode) => sum + capacity[mode], 0);
}

/**
 * A device has at most one of each mode, in that order, contiguous from DPA 0, and none of size
 * zero.
 */
export interface Partition {
  readonly mode: PartitionMode;
  readonly start: number;
  readonly size: number;
}
