/**
 * The states of a region (`drivers/cxl/cxl.h`, 7.2).
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
