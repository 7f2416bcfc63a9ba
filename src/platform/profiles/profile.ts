/**
 * What a kernel brings, as data: everything that differs between kernels asks the profile. The
 * command line reads it too, so it names drivers and holds no code.
 */
import type { RegionDriverName } from '../../cxl/region-drivers/index.ts';
import type { OnlineType } from '../../mm/hotplug/online-type.ts';

export interface ProfileDriver {
  readonly name: RegionDriverName;
  /** Where the kernel is modular; absent: always built in. */
  readonly module?: string;
  /** What it binds: `regionN`, or the `sysram_regionN` that a driver of regions has made. */
  readonly takes: 'region' | 'sysram_region';
}

export interface Profile {
  /**
   * Drivers for regions and what they make, in registration order: the first that probes takes a
   * region.
   */
  readonly regionDrivers: readonly ProfileDriver[];
  /** All that can be loaded where the kernel is modular, in an order that satisfies each. */
  readonly modules: readonly string[];
  /** CONFIG_MHP_DEFAULT_ONLINE_TYPE. */
  readonly defaultOnlineType: OnlineType;
  /**
   * A dax device takes the system's online policy when it is made, not when kmem adds its memory.
   */
  readonly captureDefaultOnlineType: boolean;
  /** Major number of dax character devices, as the recorded kernels had it. */
  readonly daxMajor: number;
  /** Built with CONFIG_CRASH_HOTPLUG: `crash_hotplug` exists. */
  readonly crashHotplug: boolean;
  /**
   * Built with CONFIG_FW_LOADER_USER_HELPER: uevents of firmware devices carry FIRMWARE, TIMEOUT,
   * ASYNC.
   */
  readonly firmwareLoaderEvents: boolean;
}
