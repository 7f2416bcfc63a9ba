/**
 * What a `dax_regionN` is: the offer of a region's range to the dax bus. `region/dax-region.ts`
 * adds its device.
 */
import type { DaxRegion } from '../../dax/dax-region.ts';
import type { Device } from '../../driver-core/device.ts';
import { Ida } from '../../driver-core/ida.ts';
import type { OnlineType } from '../../mm/hotplug/online-type.ts';
import { CXL_DEVICE_ID } from './device-id.ts';
import type { Region } from './region.ts';
import type { TagGroup } from './tag-group.ts';

/** Which dax driver the range prefers. */
export type DaxMode = 'device_dax' | 'kmem';

export class CxlDaxRegion {
  readonly cxlDeviceId = CXL_DEVICE_ID.daxRegion;
  readonly region: Region;
  readonly mode: DaxMode;
  /** How kmem onlines the memory; absent: the system's policy. */
  readonly onlineType: OnlineType | undefined;
  device: Device<CxlDaxRegion> | undefined;
  /** What the driver made of it, while it is bound. */
  dax: DaxRegion | undefined;
  /** What arrived of a dynamic region. */
  readonly groups = new Set<TagGroup>();
  readonly extentIds = new Ida();

  constructor(region: Region, mode: DaxMode, onlineType?: OnlineType) {
    this.region = region;
    this.mode = mode;
    this.onlineType = onlineType;
  }
}
