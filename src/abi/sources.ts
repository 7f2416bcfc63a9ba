/**
 * Where an attribute's behaviour is written down: the kernel's own document, where there is one, and its source file.
 * The first line that matches counts.
 */
export interface Source {
  readonly paths: RegExp;
  /** Below Documentation/ of the kernel. */
  readonly document?: string;
  /** Below the root of the kernel's tree. */
  readonly code: string;
}

const CXL_DEVICE = '^/sys/bus/cxl/devices';
const CXL_DOCUMENT = 'ABI/testing/sysfs-bus-cxl';
const DAX_DOCUMENT = 'ABI/testing/sysfs-bus-dax';
const DYNAMIC_SERIES = 'the patch series "DCD: Add support for Dynamic Capacity Devices", 2026';
const SERIES = 'the patch series "cxl: explicit DAX driver selection and hotplug", v1';

export const SOURCES: readonly Source[] = [
  {
    paths: /^\/sys\/bus\/pci\/devices\/[^/]+\/device$/,
    document: 'ABI/testing/sysfs-bus-pci',
    code: 'drivers/pci/pci-sysfs.c',
  },
  {
    paths: /^\/sys\/kernel\/debug\/cxlbox\//,
    document: 'none',
    code: 'cxlbox only',
  },
  {
    paths:
      /\/extentR\.N\/(?!uevent)|\/dynamic_ram_a\/|create_dynamic_ram_a_region|\/daxR\.N\/uuid$/,
    document: `${CXL_DOCUMENT}, sysfs-bus-dax of the series`,
    code: DYNAMIC_SERIES,
  },
  { paths: /sysram_region|cxl_(?:devdax|sysram|dax_kmem)_region/, code: SERIES },
  // Of every device, driver and bus.
  {
    paths: /^\/sys\/devices\/.*\/driver_override$/,
    document: 'ABI/testing/sysfs-bus-platform',
    code: 'drivers/base/bus.c',
  },
  {
    paths: /\/uevent$/,
    document: 'ABI/testing/sysfs-uevent',
    code: 'drivers/base/core.c, drivers/base/bus.c',
  },
  {
    paths: /^\/sys\/kernel\/uevent_seqnum$/,
    code: 'kernel/ksysfs.c',
  },
  {
    paths: /\/(?:bind|unbind)$|\/drivers_(?:probe|autoprobe)$/,
    document: 'driver-api/driver-model/',
    code: 'drivers/base/bus.c',
  },
  {
    paths: /\/(?:subsystem|device|driver|dev)$|^\/sys\/dev\/|\/DEVICE$/,
    document: 'driver-api/driver-model/',
    code: 'drivers/base/core.c, drivers/base/dd.c',
  },
  {
    paths: /\/drivers\/[^/]+\/(?:module|[^/]*[NRF])$|^\/sys\/module\/[^/]+\/drivers\//,
    document: 'ABI/testing/sysfs-module',
    code: 'drivers/base/module.c, drivers/base/dd.c',
  },
  // DAX
  {
    paths: /^\/sys\/bus\/dax\/drivers\/[^/]+\/(?:new_id|remove_id)$/,
    document: DAX_DOCUMENT,
    code: 'drivers/dax/bus.c',
  },
  { paths: /^\/sys\/bus\/dax\/|\/dax_region\//, document: DAX_DOCUMENT, code: 'drivers/dax/bus.c' },
  // CXL
  { paths: /^\/sys\/bus\/cxl\/flush$/, document: CXL_DOCUMENT, code: 'drivers/cxl/core/port.c' },
  {
    paths: new RegExp(`${CXL_DEVICE}/(?:region|pmem_region|dax_region)N/`),
    document: CXL_DOCUMENT,
    code: 'drivers/cxl/core/region.c',
  },
  {
    paths: new RegExp(`${CXL_DEVICE}/decoderP\\.N/(?:create_|delete_|region)`),
    document: CXL_DOCUMENT,
    code: 'drivers/cxl/core/region.c, port.c',
  },
  {
    paths: new RegExp(`${CXL_DEVICE}/memN/security/`),
    document: CXL_DOCUMENT,
    code: 'drivers/cxl/core/memdev.c, mbox.c',
  },
  {
    paths: new RegExp(`${CXL_DEVICE}/memN/`),
    document: CXL_DOCUMENT,
    code: 'drivers/cxl/core/memdev.c',
  },
  {
    paths: new RegExp(`${CXL_DEVICE}/endpointN/CDAT`),
    document: CXL_DOCUMENT,
    code: 'drivers/cxl/port.c',
  },
  {
    paths: new RegExp(`${CXL_DEVICE}/(?:pmemN|nvdimm-bridgeN)/`),
    document: CXL_DOCUMENT,
    code: 'drivers/cxl/core/pmem.c',
  },
  { paths: new RegExp(`${CXL_DEVICE}/`), document: CXL_DOCUMENT, code: 'drivers/cxl/core/port.c' },
  {
    paths: /^\/sys\/kernel\/debug\/cxl\//,
    document: 'ABI/testing/debugfs-cxl',
    code: 'drivers/cxl/mem.c, core/region.c',
  },
  {
    paths: /^\/sys\/class\/firmware\//,
    document: 'ABI/testing/sysfs-class-firmware',
    code: 'drivers/base/firmware_loader/sysfs_upload.c',
  },
  {
    paths: /^\/sys\/(?:bus|class)\/nd\//,
    document: 'ABI/testing/sysfs-bus-nvdimm',
    code: 'drivers/nvdimm/, drivers/cxl/pmem.c',
  },
  {
    paths: /^\/sys\/bus\/pci\/|^\/sys\/devices\/pci/,
    document: 'ABI/testing/sysfs-bus-pci',
    code: 'drivers/pci/pci-sysfs.c',
  },
  {
    paths: /^\/sys\/bus\/(?:acpi|platform)\/|^\/sys\/devices\/(?:platform|LNXSYSTM)/,
    document: 'ABI/testing/sysfs-bus-acpi',
    code: 'drivers/base/platform.c, drivers/acpi/device_sysfs.c',
  },
  // Memory
  {
    paths: /^\/sys\/bus\/memory_tiering\//,
    document: 'ABI/testing/sysfs-kernel-mm-memory-tiers',
    code: 'mm/memory-tiers.c',
  },
  {
    paths: /^\/sys\/(?:bus\/memory\/|devices\/system\/memory\/)/,
    document: 'ABI/testing/sysfs-devices-memory; admin-guide/mm/memory-hotplug.rst',
    code: 'drivers/base/memory.c',
  },
  {
    paths: /\/memory_failure\//,
    document: 'ABI/testing/sysfs-memory-page-offline and sysfs-devices-node',
    code: 'mm/memory-failure.c',
  },
  {
    paths: /^\/sys\/(?:bus\/node\/|devices\/system\/node\/)/,
    document: 'ABI/stable/sysfs-devices-node',
    code: 'drivers/base/node.c',
  },
  {
    paths: /^\/sys\/module\/memory_hotplug\//,
    document: 'admin-guide/mm/memory-hotplug.rst',
    code: 'mm/memory_hotplug.c',
  },
  {
    paths: /^\/sys\/kernel\/mm\/numa\//,
    document: 'ABI/testing/sysfs-kernel-mm-numa',
    code: 'mm/memory-tiers.c',
  },
  {
    paths: /^\/sys\/kernel\/mm\/mempolicy\//,
    document: 'ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave',
    code: 'mm/mempolicy.c',
  },
  {
    paths: /^\/sys\/module\//,
    document: 'ABI/stable/sysfs-module',
    code: 'kernel/module/sysfs.c, kernel/params.c',
  },
  { paths: /^\/sys\/kernel\/debug\/devices_deferred$/, code: 'drivers/base/dd.c' },
  { paths: /^\/proc\/iomem$/, document: 'filesystems/proc.rst', code: 'kernel/resource.c' },
  { paths: /^\/proc\//, document: 'filesystems/proc.rst', code: 'fs/proc/, mm/vmstat.c' },
];

export function sourceOf(path: string): Source | undefined {
  return SOURCES.find(({ paths }) => paths.test(path));
}
