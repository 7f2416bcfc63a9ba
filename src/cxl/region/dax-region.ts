/**
 * `dax_regionN`: the device by which a CXL region, or its system-memory form, offers its range to
 * the dax bus (`devm_cxl_add_dax_region`, 7.2; the mode and the online type come with the explicit
 * region drivers).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import type { CxlDaxRegion } from '../objects/dax-region.ts';
import { REGION_FILES } from '../sources.ts';

const DAX_REGION_TYPE: DeviceType<CxlDaxRegion> = {
  name: 'cxl_dax_region',
  source: REGION_FILES,
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
