/**
 * The drivers that a machine can have, whatever its profile and its modules: the names that faults
 * know.
 */
import { PROFILES } from '../profiles/index.ts';

const COMMON = [
  'cxl_acpi',
  'cxl_dax_region',
  'cxl_mem',
  'cxl_nvdimm',
  'cxl_nvdimm_bridge',
  'cxl_pci',
  'cxl_pmem_region',
  'cxl_port',
  'device_dax',
  'fsdev_dax',
  'kmem',
  'nd_bus',
  'nvdimm',
  'pcieport',
] as const;

const OF_PROFILES = Object.values(PROFILES).flatMap(({ regionDrivers }) =>
  regionDrivers.map(({ name }) => name),
);

export const DRIVER_NAMES: readonly string[] = [...new Set([...COMMON, ...OF_PROFILES])].sort();
