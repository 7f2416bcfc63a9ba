import type { Source } from '../kernfs/source.ts';

const DOCUMENT = 'ABI/testing/sysfs-bus-cxl';

export const PORT_FILES: Source = { document: DOCUMENT, code: 'drivers/cxl/core/port.c' };

export const REGION_FILES: Source = { document: DOCUMENT, code: 'drivers/cxl/core/region.c' };

/** What decoders have to do with regions. */
export const DECODER_REGION_FILES: Source = {
  document: DOCUMENT,
  code: 'drivers/cxl/core/region.c, port.c',
};

export const MEMDEV_FILES: Source = { document: DOCUMENT, code: 'drivers/cxl/core/memdev.c' };

export const SECURITY_FILES: Source = {
  document: DOCUMENT,
  code: 'drivers/cxl/core/memdev.c, mbox.c',
};

export const PMEM_FILES: Source = { document: DOCUMENT, code: 'drivers/cxl/core/pmem.c' };

export const CDAT_FILE: Source = { document: DOCUMENT, code: 'drivers/cxl/port.c' };

export const DYNAMIC_CAPACITY_FILES: Source = {
  document: `${DOCUMENT}, sysfs-bus-dax of the series`,
  code: 'the patch series "DCD: Add support for Dynamic Capacity Devices", 2026',
};

export const REGION_DRIVER_FILES: Source = {
  code: 'the patch series "cxl: explicit DAX driver selection and hotplug", v1',
};

export const DEBUGFS_FILES: Source = {
  document: 'ABI/testing/debugfs-cxl',
  code: 'drivers/cxl/mem.c, core/region.c',
};

export const FIRMWARE_FILES: Source = {
  document: 'ABI/testing/sysfs-class-firmware',
  code: 'drivers/base/firmware_loader/sysfs_upload.c',
};

export const NVDIMM_FILES: Source = {
  document: 'ABI/testing/sysfs-bus-nvdimm',
  code: 'drivers/nvdimm/, drivers/cxl/pmem.c',
};

export const PCI_FILES: Source = {
  document: 'ABI/testing/sysfs-bus-pci',
  code: 'drivers/pci/pci-sysfs.c',
};

export const ACPI_FILES: Source = {
  document: 'ABI/testing/sysfs-bus-acpi',
  code: 'drivers/base/platform.c, drivers/acpi/device_sysfs.c',
};
