/**
 * The drivers of the module cxl_pmem for bridges and nvdimms (`drivers/cxl/pmem.c`, 7.2).
 */
import { releaseDriver } from '../../driver-core/attach.ts';
import { KernelError } from '../../errno.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { NvdimmBridge } from '../nvdimm/bridge.ts';
import { createDimm, deleteDimm } from '../nvdimm/nd-dimm.ts';
import { Nvdimm } from '../nvdimm/nvdimm.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { CxlSubsystem } from '../subsystem.ts';

const PROVIDER = 'CXL';

export function cxlNvdimmBridgeDriver(
  subsystem: CxlSubsystem,
  module: string | undefined,
): CxlDriver {
  return {
    name: 'cxl_nvdimm_bridge',
    id: CXL_DEVICE_ID.nvdimmBridge,
    module,
    suppressBind: true,
    probe: (device) => {
      const bridge = device.object;
      if (!(bridge instanceof NvdimmBridge))
        throw new KernelError('ENODEV', `${device.name} is not an nvdimm bridge`);
      device.devres.add('nvdimm bus', () => unregisterBus(subsystem, bridge));
      bridge.nvdimmBus = subsystem.nd.registerBus(PROVIDER, device);
    },
  };
}

/** unregister_nvdimm_bus(): the nvdimms on it are released before the bus goes. */
function unregisterBus(subsystem: CxlSubsystem, bridge: NvdimmBridge): void {
  for (const device of subsystem.bus.list()) {
    if (device.object instanceof Nvdimm && device.object.bridge === bridge) releaseDriver(device);
  }
  if (bridge.nvdimmBus !== undefined) subsystem.nd.unregisterBus(bridge.nvdimmBus);
  bridge.nvdimmBus = undefined;
}

/** ENXIO: the bridge is unbound. */
export function cxlNvdimmDriver(subsystem: CxlSubsystem, module: string | undefined): CxlDriver {
  return {
    name: 'cxl_nvdimm',
    id: CXL_DEVICE_ID.nvdimm,
    module,
    suppressBind: true,
    probe: (device) => {
      const nvdimm = device.object;
      if (!(nvdimm instanceof Nvdimm))
        throw new KernelError('ENODEV', `${device.name} is not an nvdimm`);
      const { nvdimmBus } = nvdimm.bridge;
      if (nvdimmBus === undefined)
        throw new KernelError('ENXIO', `${device.name}: the nvdimm bridge is not bound`);
      const { memdev } = nvdimm;
      memdev.servesNvdimm = true;
      device.devres.add('exclusive commands', () => {
        memdev.servesNvdimm = false;
      });
      const dimm = createDimm(subsystem.nd, nvdimmBus, memdev);
      device.devres.add(`nmem${dimm.id}`, () => deleteDimm(subsystem.nd, dimm));
    },
  };
}
