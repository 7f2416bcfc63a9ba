/**
 * `cxl_devdax_region` (explicit-region-drivers-v1): the region becomes a dax region whose devices
 * bind device_dax, so that programs map it as /dev/daxN.Y.
 */
import type { Device } from '../../driver-core/device.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { CxlDaxRegion } from '../objects/dax-region.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import { addDaxRegion } from '../region/dax-region.ts';
import { committedRamRegionOf } from './region-of.ts';

function probe(device: Device): void {
  addDaxRegion(device, new CxlDaxRegion(committedRamRegionOf(device), 'device_dax'));
}

export const cxlDevdaxRegionDriver: CxlDriver = {
  name: 'cxl_devdax_region',
  id: CXL_DEVICE_ID.region,
  probe,
};
