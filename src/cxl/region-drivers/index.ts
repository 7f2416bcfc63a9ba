/**
 * The drivers of regions and of what regions become, by name.
 */
import type { DaxSubsystem } from '../../dax/boot.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { cxlDaxKmemRegionDriver } from './cxl_dax_kmem_region.ts';
import { cxlDaxRegionDriver } from './cxl_dax_region.ts';
import { cxlDevdaxRegionDriver } from './cxl_devdax_region.ts';
import { cxlPmemRegionDriver } from './cxl_pmem_region.ts';
import { cxlRegionDriver } from './cxl_region.ts';
import { cxlSysramRegionDriver } from './cxl_sysram_region.ts';

/** All that a kernel can have; which ones it has is the choice of its ABI profile. */
const REGION_DRIVERS = {
  cxl_region: cxlRegionDriver,
  cxl_devdax_region: cxlDevdaxRegionDriver,
  cxl_sysram_region: cxlSysramRegionDriver,
  cxl_dax_kmem_region: cxlDaxKmemRegionDriver,
} as const satisfies Readonly<Record<string, CxlDriver>>;

export type RegionDriverName = keyof typeof REGION_DRIVERS;

/** A driver of the kernel, with the module that brings it where the kernel has modules. */
export interface ChosenDriver {
  readonly name: RegionDriverName;
  readonly module?: string;
}

export interface RegionDrivers {
  readonly regionDrivers: readonly CxlDriver[];
  readonly pmemRegionDriver: CxlDriver;
  readonly daxRegionDriver: CxlDriver;
}

/**
 * Those that were chosen and the two that every kernel has, with `module` links where the kernel is
 * modular.
 */
export function regionDrivers(
  choice: readonly ChosenDriver[],
  dax: DaxSubsystem,
  options: { readonly modular: boolean },
): RegionDrivers {
  const complete = (driver: CxlDriver, module?: string): CxlDriver => ({
    ...driver,
    module: options.modular ? module : undefined,
  });
  return {
    regionDrivers: choice.map(({ name, module }) => complete(REGION_DRIVERS[name], module)),
    pmemRegionDriver: complete(cxlPmemRegionDriver, 'cxl_pmem'),
    daxRegionDriver: complete(cxlDaxRegionDriver(dax), 'dax_cxl'),
  };
}
