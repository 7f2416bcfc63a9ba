import type { Profile } from './profile.ts';

/** The recorded kernel of 2026. */
export const MAINLINE_7_2: Profile = {
  regionDrivers: [{ name: 'cxl_region', module: 'cxl_core', takes: 'region' }],
  modules: [
    'cxl_port',
    'cxl_acpi',
    'cxl_pci',
    'cxl_mem',
    'cxl_pmem',
    'dax_cxl',
    'device_dax',
    'kmem',
    'fsdev_dax',
  ],
  defaultOnlineType: 'online',
  captureDefaultOnlineType: false,
  daxMajor: 251,
  crashHotplug: true,
  firmwareLoaderEvents: true,
};
