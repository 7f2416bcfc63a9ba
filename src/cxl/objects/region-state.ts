/**
 * The states of a region, and the unit of its capacity (`drivers/cxl/cxl.h`, 7.2).
 */

/** `enum cxl_config_state`, in order. */
export const REGION_STATE = {
  idle: 0,
  interleaveActive: 1,
  active: 2,
  resetPending: 3,
  commit: 4,
} as const;
export type RegionState = (typeof REGION_STATE)[keyof typeof REGION_STATE];

/** All regions are multiples of 256 MiB times their ways. */
export const CAPACITY_MULTIPLE = 0x10000000;
