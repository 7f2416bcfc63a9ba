/**
 * The drivers that `regionN` can be bound to, by ABI profile: names alone, so that a machine file
 * can be checked without the code of the drivers. A test compares them with the profiles.
 */
import type { AbiProfile } from './description/types.ts';

export const REGION_DRIVER_NAMES: Readonly<Record<AbiProfile, readonly string[]>> = {
  'mainline-7.2': ['cxl_region'],
  'explicit-region-drivers-v1': ['cxl_region', 'cxl_devdax_region', 'cxl_sysram_region'],
};
