/**
 * The bus `platform` and the device ACPI0017:00 on it, which stands for all of CXL
 * (`drivers/base/platform.c`).
 */

import { Bus } from '../../driver-core/bus.ts';
import { Device } from '../../driver-core/device.ts';
import type { Driver } from '../../driver-core/driver.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { ACPI_FILES } from '../sources.ts';

/** What a platform device offers to match and to tell. */
export interface PlatformObject {
  /** `acpi:ACPI0017:` or `platform:NAME`. */
  readonly modalias: string;
}

export interface PlatformDriver extends Driver {
  /** The modalias of the devices that it takes. */
  readonly modalias: string;
}

function isPlatformObject(object: unknown): object is PlatformObject {
  return typeof object === 'object' && object !== null && 'modalias' in object;
}

function modaliasOf(device: Device): string {
  return isPlatformObject(device.object) ? device.object.modalias : '';
}

export type PlatformBus = Bus<PlatformDriver>;

export function createPlatformBus(kernel: Kernel): PlatformBus {
  kernel.directory('devices/platform');
  return new Bus<PlatformDriver>(kernel, {
    name: 'platform',
    match: (device, { driver }) => modaliasOf(device) === driver.modalias,
    uevent: (device) => [['MODALIAS', modaliasOf(device)]],
  });
}

export function addPlatformDevice(
  bus: PlatformBus,
  name: string,
  object: PlatformObject,
): Device<PlatformObject> {
  const { kernel } = bus;
  return new Device<PlatformObject>(kernel, {
    name,
    object,
    bus,
    place: kernel.directory('devices/platform'),
    type: {
      source: ACPI_FILES,
      groups: [
        { attributes: [{ name: 'modalias', mode: 0o444, show: (each) => `${each.modalias}\n` }] },
      ],
    },
  }).add();
}
