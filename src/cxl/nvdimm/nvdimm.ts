/**
 * `pmemN`: the persistent side of a memdev (`devm_cxl_add_nvdimm`, 7.2).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { Memdev } from '../objects/memdev.ts';
import { PMEM_FILES } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { findNvdimmBridge, type NvdimmBridge } from './bridge.ts';

export class Nvdimm {
  readonly cxlDeviceId = CXL_DEVICE_ID.nvdimm;
  readonly memdev: Memdev;
  readonly bridge: NvdimmBridge;

  constructor(memdev: Memdev, bridge: NvdimmBridge) {
    this.memdev = memdev;
    this.bridge = bridge;
  }
}

const TYPE: DeviceType<Nvdimm> = {
  source: PMEM_FILES,
  name: 'cxl_nvdimm',
  groups: [identityGroup<Nvdimm>('cxl_nvdimm')],
};

/** Adds pmemN below the memdev, held by it. ENODEV: the machine has no nvdimm bridge. */
export function addNvdimm(subsystem: CxlSubsystem, memdev: Memdev, parent: Device): void {
  const bridge = findNvdimmBridge(subsystem.bus);
  if (bridge === undefined)
    throw new KernelError('ENODEV', `${memdev.name}: no window allows persistent memory`);
  const device = new Device<Nvdimm>(subsystem.kernel, {
    name: `pmem${memdev.id}`,
    object: new Nvdimm(memdev, bridge),
    parent,
    bus: subsystem.bus,
    type: TYPE,
  });
  parent.devres.add(device.name, () => device.del());
  device.add();
}
