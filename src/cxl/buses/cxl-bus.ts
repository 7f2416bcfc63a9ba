/**
 * The bus `cxl`: a driver takes the devices whose type id equals its own (`cxl_bus_match`, 7.2).
 */

import { Bus } from '../../driver-core/bus.ts';
import type { Device } from '../../driver-core/device.ts';
import type { Driver } from '../../driver-core/driver.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { sysfsStreq } from '../../kernfs/parse.ts';
import { PORT_FILES } from '../sources.ts';

/** A driver of the bus `cxl`. */
export interface CxlDriver extends Driver {
  readonly id: number;
}

/** What the object of every device on the bus has. */
export interface CxlObject {
  readonly cxlDeviceId: number;
}

function isCxlObject(object: unknown): object is CxlObject {
  return typeof object === 'object' && object !== null && 'cxlDeviceId' in object;
}

function idOf(device: Device): number {
  return isCxlObject(device.object) ? device.object.cxlDeviceId : -1;
}

export type CxlBus = Bus<CxlDriver>;

/**
 * `flush` runs what is queued: detaches of memdevs that lost their endpoint. EINVAL unless the text
 * is `1`.
 */
function flush(bus: CxlBus, text: string): void {
  if (!sysfsStreq(text, '1')) throw new KernelError('EINVAL', 'flush takes the word 1');
  bus.kernel.work.settle();
}

export function createCxlBus(kernel: Kernel): CxlBus {
  return new Bus<CxlDriver>(kernel, {
    name: 'cxl',
    match: (device, driver) => idOf(device) === driver.driver.id,
    uevent: (device) => [['MODALIAS', `cxl:t${idOf(device)}`]],
    attributes: [{ name: 'flush', mode: 0o200, store: flush, source: PORT_FILES }],
  });
}

/** `devtype` and `modalias`, which every CXL object but memdevs shows. */
export function identityGroup<T extends CxlObject>(devtype: string): AttributeGroup<T> {
  return {
    attributes: [
      { name: 'devtype', mode: 0o444, show: () => `${devtype}\n` },
      { name: 'modalias', mode: 0o444, show: (object) => `cxl:t${object.cxlDeviceId}\n` },
    ],
  };
}
