/**
 * The nvdimm side, as far as CXL reaches into it: bus and class `nd`, the drivers `nd_bus` and
 * `nvdimm`, `ndbusN` with its control device `ndctlN` (`drivers/nvdimm/bus.c`, 7.2).
 */

import { Bus } from '../../driver-core/bus.ts';
import { Device } from '../../driver-core/device.ts';
import { DeviceClass } from '../../driver-core/device-class.ts';
import type { Driver } from '../../driver-core/driver.ts';
import { Ida } from '../../driver-core/ida.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { NVDIMM_FILES } from '../sources.ts';

/** `enum nd_driver_type` by what it drives; the number of `nd:tN`. */
export const ND_DEVICE_TYPE = { bus: 0, dimm: 1 } as const;

export interface NdObject {
  readonly ndDeviceType: number;
}

export interface NdDriver extends Driver {
  readonly ndDeviceType: number;
}

function isNdObject(object: unknown): object is NdObject {
  return typeof object === 'object' && object !== null && 'ndDeviceType' in object;
}

function typeOf(device: Device): number {
  return isNdObject(device.object) ? device.object.ndDeviceType : -1;
}

export class NdBus implements NdObject {
  readonly ndDeviceType = ND_DEVICE_TYPE.bus;
  readonly id: number;
  readonly provider: string;
  device: Device<NdBus> | undefined;

  constructor(id: number, provider: string) {
    this.id = id;
    this.provider = provider;
  }
}

const BUS_GROUPS: readonly AttributeGroup<NdBus>[] = [
  {
    attributes: [
      { name: 'commands', mode: 0o444, show: () => '\n' },
      { name: 'provider', mode: 0o444, show: ({ provider }) => `${provider}\n` },
      { name: 'wait_probe', mode: 0o444, show: () => '1\n' },
    ],
  },
  { name: 'firmware', attributes: [] },
];

export interface NdMajors {
  readonly ndctl: number;
  readonly nmem: number;
}

export class NdSubsystem {
  readonly kernel: Kernel;
  readonly bus: Bus<NdDriver>;
  readonly majors: NdMajors;
  readonly dimmIds = new Ida();
  private readonly class: DeviceClass;
  private readonly busIds = new Ida();

  constructor(kernel: Kernel, majors: NdMajors, module: string | undefined) {
    this.kernel = kernel;
    this.majors = majors;
    this.bus = new Bus<NdDriver>(kernel, {
      name: 'nd',
      match: (device, { driver }) => typeOf(device) === driver.ndDeviceType,
      uevent: (device) => [['MODALIAS', `nd:t${typeOf(device)}`]],
    });
    this.class = new DeviceClass(kernel, { name: 'nd' });
    this.bus.registerDriver({
      name: 'nd_bus',
      ndDeviceType: ND_DEVICE_TYPE.bus,
      module,
      suppressBind: true,
      probe: (device) => this.addControl(device),
    });
    this.bus.registerDriver({
      name: 'nvdimm',
      ndDeviceType: ND_DEVICE_TYPE.dimm,
      module,
      probe: () => {},
    });
  }

  /** `ndctlN`, which goes when the driver lets go of the bus. */
  private addControl(device: Device): void {
    if (!(device.object instanceof NdBus)) return;
    const name = `ndctl${device.object.id}`;
    const control = new Device(this.kernel, {
      name,
      object: device.object,
      parent: device,
      class: this.class,
      number: { major: this.majors.ndctl, minor: device.object.id, devname: name },
    });
    control.add();
    device.devres.add(name, () => control.del());
  }

  /** nvdimm_bus_register() */
  registerBus(provider: string, parent: Device): NdBus {
    const bus = new NdBus(this.busIds.allocate(), provider);
    bus.device = new Device<NdBus>(this.kernel, {
      name: `ndbus${bus.id}`,
      object: bus,
      parent,
      bus: this.bus,
      type: { groups: BUS_GROUPS, source: NVDIMM_FILES },
    });
    bus.device.add();
    return bus;
  }

  unregisterBus(bus: NdBus): void {
    bus.device?.del();
    this.busIds.free(bus.id);
  }
}
