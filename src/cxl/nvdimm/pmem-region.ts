/**
 * `pmem_regionN`: the device by which a persistent CXL region offers its range to the nvdimm bus
 * (`cxl_pmem_region_alloc`, 7.2).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { Region } from '../objects/region.ts';
import { REGION_FILES } from '../sources.ts';
import { findNvdimmBridge, type NvdimmBridge } from './bridge.ts';

export class PmemRegion {
  readonly cxlDeviceId = CXL_DEVICE_ID.pmemRegion;
  readonly region: Region;
  readonly bridge: NvdimmBridge;

  constructor(region: Region, bridge: NvdimmBridge) {
    this.region = region;
    this.bridge = bridge;
  }
}

const PMEM_REGION_TYPE: DeviceType<PmemRegion> = {
  source: REGION_FILES,
  name: 'cxl_pmem_region',
  groups: [identityGroup<PmemRegion>('cxl_pmem_region')],
};

/**
 * ENODEV: the machine has no nvdimm bridge; ENXIO: the bridge is unbound. It goes when the region
 * is unbound.
 */
export function addPmemRegion(parent: Device, region: Region): void {
  const { bus, kernel } = region.context;
  const bridge = findNvdimmBridge(bus);
  if (bridge === undefined)
    throw new KernelError('ENODEV', `${region.name}: the machine has no nvdimm bridge`);
  if (bridge.device?.driver === undefined) {
    throw new KernelError('ENXIO', `${region.name}: the nvdimm bridge is not bound`);
  }
  const device = new Device<PmemRegion>(kernel, {
    name: `pmem_region${region.id}`,
    object: new PmemRegion(region, bridge),
    parent,
    bus,
    type: PMEM_REGION_TYPE,
  });
  device.add();
  parent.devres.add(device.name, () => device.del());
}
