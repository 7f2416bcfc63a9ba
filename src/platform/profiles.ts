/**
 * ABI profiles: what a kernel brings, as data.
 */
import type { CxlDriver } from '../cxl/cxl-bus.ts';
import { EXPLICIT_REGION_DRIVERS, MAINLINE_REGION_DRIVERS } from '../cxl/region-drivers/index.ts';
import type { AbiProfile } from './description/types.ts';

export interface Profile {
  /** Drivers for regions and what they make, in registration order. */
  readonly regionDrivers: readonly CxlDriver[];
  /** A dax device takes the system's online policy when it is made, not when kmem adds its memory. */
  readonly captureDefaultOnlineType: boolean;
  /** Major number of dax character devices, as the recorded kernels had it. */
  readonly daxMajor: number;
}

export const PROFILES: Readonly<Record<AbiProfile, Profile>> = {
  'mainline-7.2': {
    regionDrivers: MAINLINE_REGION_DRIVERS,
    captureDefaultOnlineType: false,
    daxMajor: 251,
  },
  'explicit-region-drivers-v1': {
    regionDrivers: EXPLICIT_REGION_DRIVERS,
    captureDefaultOnlineType: true,
    daxMajor: 252,
  },
};
