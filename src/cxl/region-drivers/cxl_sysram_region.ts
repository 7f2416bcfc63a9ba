/**
 * `cxl_sysram_region` (explicit-region-drivers-v1): the region becomes `sysram_regionN`, where the
 * user says how its memory is to be onlined.
 */
import type { Device } from '../../driver-core/device.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import { addSysramRegion } from '../region/sysram-region.ts';
import { committedRamRegionOf } from './region-of.ts';

function probe(device: Device): void {
  addSysramRegion(device, committedRamRegionOf(device));
}

export const cxlSysramRegionDriver: CxlDriver = {
  name: 'cxl_sysram_region',
  id: CXL_DEVICE_ID.region,
  probe,
};
