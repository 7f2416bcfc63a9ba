/**
 * The drivers that a machine can have, whatever its profile and its modules: the names that faults know.
 */
export const DRIVER_NAMES = [
  'cxl_acpi',
  'cxl_dax_kmem_region',
  'cxl_dax_region',
  'cxl_devdax_region',
  'cxl_mem',
  'cxl_nvdimm',
  'cxl_nvdimm_bridge',
  'cxl_pci',
  'cxl_pmem_region',
  'cxl_port',
  'cxl_region',
  'cxl_sysram_region',
  'device_dax',
  'fsdev_dax',
  'kmem',
  'nd_bus',
  'nvdimm',
  'pcieport',
] as const;
