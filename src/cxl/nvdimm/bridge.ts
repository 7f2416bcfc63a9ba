/**
 * `nvdimm-bridgeN`: where the CXL topology meets the nvdimm bus (`drivers/cxl/core/pmem.c`, 7.2).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { type CxlBus, identityGroup } from '../buses/cxl-bus.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { Port } from '../objects/port.ts';
import { PMEM_FILES } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import type { NdBus } from './nd-bus.ts';

export class NvdimmBridge {
  readonly cxlDeviceId = CXL_DEVICE_ID.nvdimmBridge;
  readonly id: number;
  readonly port: Port;
  device: Device<NvdimmBridge> | undefined;
  /** Present while bound. */
  nvdimmBus: NdBus | undefined;

  constructor(id: number, port: Port) {
    this.id = id;
    this.port = port;
  }
}

const TYPE: DeviceType<NvdimmBridge> = {
  source: PMEM_FILES,
  name: 'cxl_nvdimm_bridge',
  groups: [identityGroup<NvdimmBridge>('cxl_nvdimm_bridge')],
};

/** devm_cxl_add_nvdimm_bridge(): below the root port, held by `host`. */
export function addNvdimmBridge(subsystem: CxlSubsystem, port: Port, host: Device): void {
  const bridge = new NvdimmBridge(subsystem.nvdimmBridgeIds.allocate(), port);
  const device = new Device<NvdimmBridge>(subsystem.kernel, {
    name: `nvdimm-bridge${bridge.id}`,
    object: bridge,
    parent: port.device,
    bus: subsystem.bus,
    type: TYPE,
  });
  bridge.device = device;
  host.devres.add(device.name, () => {
    device.del();
    subsystem.nvdimmBridgeIds.free(bridge.id);
  });
  device.add();
}

/** cxl_find_nvdimm_bridge() */
export function findNvdimmBridge(bus: CxlBus): NvdimmBridge | undefined {
  for (const { object } of bus.list()) if (object instanceof NvdimmBridge) return object;
  return undefined;
}
