/**
 * `dax_regionN`: the device by which a CXL region, or its system-memory form, offers its range to the dax bus
 * (`devm_cxl_add_dax_region`, 7.2; the mode and the online type come with the explicit region drivers).
 */
import type { DaxRegion } from '../../dax/dax-region.ts';
import { Device, type DeviceType } from '../../driver-core/device.ts';
import { Ida } from '../../driver-core/ida.ts';
import type { OnlineType } from '../../mm/hotplug/online-type.ts';
import { CXL_DEVICE_ID, identityGroup } from '../cxl-bus.ts';
import type { TagGroup } from '../dynamic-capacity/tag-group.ts';
import type { Region } from '../objects/region.ts';

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

const DAX_REGION_TYPE: DeviceType<CxlDaxRegion> = {
  name: 'cxl_dax_region',
  groups: [identityGroup<CxlDaxRegion>('cxl_dax_region')],
};

/** Adds `dax_regionN` below `parent`; it goes when the driver of `parent` is released. */
export function addDaxRegion(parent: Device, daxRegion: CxlDaxRegion): void {
  const { region } = daxRegion;
  const device = new Device<CxlDaxRegion>(region.context.kernel, {
    name: `dax_region${region.id}`,
    object: daxRegion,
    parent,
    bus: region.context.bus,
    type: DAX_REGION_TYPE,
  });
  daxRegion.device = device;
  region.daxRegion = daxRegion;
  device.add();
  parent.devres.add(device.name, () => {
    device.del();
    region.daxRegion = undefined;
  });
}
