/**
 * ABI profiles: what a kernel brings, as data.
 */
import type { CxlDriver } from '../cxl/buses/cxl-bus.ts';
import { EXPLICIT_REGION_DRIVERS, MAINLINE_REGION_DRIVERS } from '../cxl/region-drivers/index.ts';
import type { AbiProfile } from './description/types.ts';

export interface Profile {
  /** Drivers for regions and what they make, in registration order. */
  readonly regionDrivers: readonly CxlDriver[];
  /** A dax device takes the system's online policy when it is made, not when kmem adds its memory. */
  readonly captureDefaultOnlineType: boolean;
  /** Major number of dax character devices, as the recorded kernels had it. */
  readonly daxMajor: number;
  /** Built with CONFIG_CRASH_HOTPLUG: `crash_hotplug` exists. */
  readonly crashHotplug: boolean;
  /** Built with CONFIG_FW_LOADER_USER_HELPER: uevents of firmware devices carry FIRMWARE, TIMEOUT, ASYNC. */
  readonly firmwareLoaderEvents: boolean;
}

export const PROFILES: Readonly<Record<AbiProfile, Profile>> = {
  'mainline-7.2': {
    regionDrivers: MAINLINE_REGION_DRIVERS,
    captureDefaultOnlineType: false,
    daxMajor: 251,
    crashHotplug: true,
    firmwareLoaderEvents: true,
  },
  'explicit-region-drivers-v1': {
    regionDrivers: EXPLICIT_REGION_DRIVERS,
    captureDefaultOnlineType: true,
    daxMajor: 252,
    crashHotplug: false,
    firmwareLoaderEvents: false,
  },
};
