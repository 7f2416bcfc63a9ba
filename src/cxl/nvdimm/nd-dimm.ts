/**
 * `nmemN`: the nvdimm that a persistent CXL memory device is on the bus `nd`
 * (`drivers/nvdimm/dimm_devs.c`, `drivers/cxl/pmem.c`, 7.2).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import type { Memdev } from '../objects/memdev.ts';
import { NVDIMM_FILES } from '../sources.ts';
import { ND_DEVICE_TYPE, type NdBus, type NdObject, type NdSubsystem } from './nd-bus.ts';

const LABEL_SIZE = 256;
const INDEX_BLOCK_SIZE = 72;
const INDEX_ALIGN = 256;

/**
 * nd_label_nfree() of an empty label area less the one slot that updates need
 * (`sizeof_namespace_index`).
 */
export function availableSlots(labelStorageSize: number): number {
  const slots = Math.floor(labelStorageSize / LABEL_SIZE);
  const index = Math.ceil((INDEX_BLOCK_SIZE + Math.ceil(slots / 8)) / INDEX_ALIGN) * INDEX_ALIGN;
  return Math.max(0, Math.floor((labelStorageSize - 2 * index) / LABEL_SIZE) - 1);
}

export class NdDimm implements NdObject {
  readonly ndDeviceType = ND_DEVICE_TYPE.dimm;
  readonly id: number;
  readonly memdev: Memdev;
  device: Device<NdDimm> | undefined;

  constructor(id: number, memdev: Memdev) {
    this.id = id;
    this.memdev = memdev;
  }
}

const TYPE: DeviceType<NdDimm> = {
  source: NVDIMM_FILES,
  name: 'nvdimm',
  groups: [
    {
      attributes: [
        { name: 'modalias', mode: 0o444, show: ({ ndDeviceType }) => `nd:t${ndDeviceType}\n` },
        { name: 'devtype', mode: 0o444, show: () => 'nvdimm\n' },
        { name: 'state', mode: 0o444, show: () => 'idle\n' },
        { name: 'flags', mode: 0o444, show: () => 'label \n' },
        { name: 'commands', mode: 0o444, show: () => 'get_size get_data set_data \n' },
        {
          name: 'available_slots',
          mode: 0o444,
          show: ({ memdev }) => `${availableSlots(memdev.hardware.config.labelStorageSize)}\n`,
        },
        { name: 'security', mode: 0o644, show: () => 'disabled\n' },
        { name: 'frozen', mode: 0o444, show: () => '0\n' },
      ],
    },
    {
      name: 'cxl',
      attributes: [
        { name: 'id', mode: 0o444, show: ({ memdev }) => `${memdev.hardware.config.serial}\n` },
        { name: 'provider', mode: 0o444, show: ({ memdev }) => `pmem${memdev.id}\n` },
      ],
    },
    { name: 'firmware', attributes: [] },
  ],
};

/** __nvdimm_create(): registered from the work queue. The id is taken at once. */
export function createDimm(nd: NdSubsystem, bus: NdBus, memdev: Memdev): NdDimm {
  const dimm = new NdDimm(nd.dimmIds.allocate(), memdev);
  const name = `nmem${dimm.id}`;
  const device = new Device<NdDimm>(nd.kernel, {
    name,
    object: dimm,
    parent: bus.device,
    bus: nd.bus,
    type: TYPE,
    number: { major: nd.majors.nmem, minor: dimm.id, devname: name },
  });
  dimm.device = device;
  nd.kernel.work.schedule(`register ${name}`, () => {
    if (dimm.device === device && bus.device?.registered) device.add();
  });
  return dimm;
}

export function deleteDimm(nd: NdSubsystem, dimm: NdDimm): void {
  dimm.device?.del();
  dimm.device = undefined;
  nd.dimmIds.free(dimm.id);
}
