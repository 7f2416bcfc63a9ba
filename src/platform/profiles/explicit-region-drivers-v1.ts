import { MAINLINE_7_2 } from './mainline-7.2.ts';
import type { Profile } from './profile.ts';

/** The proposal of January 2026: what becomes of a region is the user's choice of its driver. */
export const EXPLICIT_REGION_DRIVERS_V1: Profile = {
  regionDrivers: [
    { name: 'cxl_region', module: 'cxl_core', takes: 'region' },
    { name: 'cxl_devdax_region', takes: 'region' },
    { name: 'cxl_sysram_region', takes: 'region' },
    { name: 'cxl_dax_kmem_region', takes: 'sysram_region' },
  ],
  modules: MAINLINE_7_2.modules,
  defaultOnlineType: 'offline',
  captureDefaultOnlineType: true,
  daxMajor: 252,
  crashHotplug: false,
  firmwareLoaderEvents: false,
};
