/**
 * The region drivers of each ABI, in registration order: the first that matches and probes takes a region.
 */
import type { CxlDriver } from '../cxl-bus.ts';
import { cxlDaxKmemRegionDriver } from './cxl_dax_kmem_region.ts';
import { cxlDevdaxRegionDriver } from './cxl_devdax_region.ts';
import { cxlRegionDriver } from './cxl_region.ts';
import { cxlSysramRegionDriver } from './cxl_sysram_region.ts';

export const MAINLINE_REGION_DRIVERS: readonly CxlDriver[] = [cxlRegionDriver];

export const EXPLICIT_REGION_DRIVERS: readonly CxlDriver[] = [
  cxlRegionDriver,
  cxlDevdaxRegionDriver,
  cxlSysramRegionDriver,
  cxlDaxKmemRegionDriver,
];
