/**
 * `sysram_regionN` (explicit-region-drivers-v1): a region that is to become system memory, and in
 * which zone.
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { cString, sysfsMatch } from '../../kernfs/parse.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { Region } from '../objects/region.ts';
import { REGION_DRIVER_FILES } from '../sources.ts';

/** The words that `online_type` accepts; `online_kernel` is not one of them in v1. */
const SYSRAM_ONLINE_TYPES = ['offline', 'online', 'online_movable'] as const;
export type SysramOnlineType = (typeof SYSRAM_ONLINE_TYPES)[number];

export class SysramRegion {
  readonly cxlDeviceId = CXL_DEVICE_ID.sysramRegion;
  readonly region: Region;
  /** `invalid` until the user chose: cxl_dax_kmem_region does not bind before. */
  onlineType: SysramOnlineType | 'invalid' = 'invalid';

  constructor(region: Region) {
    this.region = region;
  }
}

/**
 * EINVAL, value kept: any word but the three. Takes effect at the next bind of cxl_dax_kmem_region.
 */
function storeOnlineType(sysram: SysramRegion, text: string): void {
  const word = sysfsMatch(text, SYSRAM_ONLINE_TYPES);
  if (word === undefined) {
    throw new KernelError(
      'EINVAL',
      `online_type takes ${SYSRAM_ONLINE_TYPES.join(', ')}, not ${JSON.stringify(cString(text).slice(0, 40))}`,
    );
  }
  sysram.onlineType = word;
}

const SYSRAM_REGION_TYPE: DeviceType<SysramRegion> = {
  name: 'cxl_sysram_region',
  source: REGION_DRIVER_FILES,
  groups: [
    identityGroup<SysramRegion>('cxl_sysram_region'),
    {
      attributes: [
        {
          name: 'online_type',
          mode: 0o644,
          show: (sysram) => `${sysram.onlineType}\n`,
          store: storeOnlineType,
        },
      ],
    },
  ],
};

/** Adds `sysram_regionN` below its region; it goes when the driver of the region is released. */
export function addSysramRegion(parent: Device, region: Region): void {
  const device = new Device<SysramRegion>(region.context.kernel, {
    name: `sysram_region${region.id}`,
    object: new SysramRegion(region),
    parent,
    bus: region.context.bus,
    type: SYSRAM_REGION_TYPE,
  });
  device.add();
  parent.devres.add(device.name, () => device.del());
}
