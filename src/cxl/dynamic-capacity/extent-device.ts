/**
 * `extentX.Y` below `dax_regionX`: an extent as user space sees it, to find out which capacity a
 * dax device is made of. A device without bus and class, hence without events
 * (`Documentation/ABI/testing/sysfs-bus-cxl` of the dynamic capacity series of 2026).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import type { Ida } from '../../driver-core/ida.ts';
import { hex } from '../../kernfs/format.ts';
import { DYNAMIC_CAPACITY_FILES } from '../sources.ts';

interface RegionExtent {
  /** Bytes from the start of the region. */
  readonly offset: number;
  readonly length: number;
  readonly tag: string | undefined;
}

export interface ExtentDevice {
  unregister(): void;
}

const EXTENT_TYPE: DeviceType<RegionExtent> = {
  name: 'extent',
  source: DYNAMIC_CAPACITY_FILES,
  groups: [
    {
      attributes: [
        { name: 'offset', mode: 0o444, show: ({ offset }) => `${hex(offset)}\n` },
        { name: 'length', mode: 0o444, show: ({ length }) => `${hex(length)}\n` },
        { name: 'uuid', mode: 0o444, show: ({ tag }) => `${tag ?? ''}\n` },
      ],
      visible: ({ tag }, { name, mode }) => (name === 'uuid' && tag === undefined ? 0 : mode),
    },
  ],
};

/** X is that of `dax_regionX`, Y the lowest free number of the region. */
export function registerExtent(parent: Device, ids: Ida, extent: RegionExtent): ExtentDevice {
  const id = ids.allocate();
  const device = new Device<RegionExtent>(parent.kernel, {
    name: `extent${parent.name.slice('dax_region'.length)}.${id}`,
    object: extent,
    parent,
    type: EXTENT_TYPE,
  }).add();
  return {
    unregister: () => {
      device.del();
      ids.free(id);
    },
  };
}
