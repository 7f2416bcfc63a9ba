/**
 * The drivers of regions and of what regions become, by ABI, in registration order: the first that matches and probes
 * takes a region.
 */
import type { DaxSubsystem } from '../../dax/boot.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { cxlDaxKmemRegionDriver } from './cxl_dax_kmem_region.ts';
import { cxlDaxRegionDriver } from './cxl_dax_region.ts';
import { cxlDevdaxRegionDriver } from './cxl_devdax_region.ts';
import { cxlPmemRegionDriver } from './cxl_pmem_region.ts';
import { cxlRegionDriver } from './cxl_region.ts';
import { cxlSysramRegionDriver } from './cxl_sysram_region.ts';

/** Who takes `regionN`. */
export const MAINLINE_REGION_DRIVERS: readonly CxlDriver[] = [cxlRegionDriver];

/** With the proposal of January 2026. */
export const EXPLICIT_REGION_DRIVERS: readonly CxlDriver[] = [
  cxlRegionDriver,
  cxlDevdaxRegionDriver,
  cxlSysramRegionDriver,
  cxlDaxKmemRegionDriver,
];

/** The module that brings each driver, in kernels that have modules. */
const MODULES: Readonly<Record<string, string>> = {
  cxl_region: 'cxl_core',
  cxl_pmem_region: 'cxl_pmem',
  cxl_dax_region: 'dax_cxl',
};

export interface RegionDrivers {
  readonly regionDrivers: readonly CxlDriver[];
  readonly pmemRegionDriver: CxlDriver;
  readonly daxRegionDriver: CxlDriver;
}

/** All of them, with `module` links where the kernel is modular. */
export function regionDrivers(
  choice: readonly CxlDriver[],
  dax: DaxSubsystem,
  options: { readonly modular: boolean },
): RegionDrivers {
  const moduleOf = (name: string): string | undefined =>
    options.modular ? MODULES[name] : undefined;
  const complete = (driver: CxlDriver): CxlDriver => ({ ...driver, module: moduleOf(driver.name) });
  return {
    regionDrivers: choice.map(complete),
    pmemRegionDriver: complete(cxlPmemRegionDriver),
    daxRegionDriver: complete(cxlDaxRegionDriver(dax)),
  };
}
