/**
 * The bus `dax`: which driver takes which device, and the `new_id`/`remove_id` files by which users
 * overrule that (`drivers/dax/bus.c`, 7.2).
 */

import { Bus } from '../driver-core/bus.ts';
import type { Device } from '../driver-core/device.ts';
import type { BoundDriver, Driver } from '../driver-core/driver.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';
import type { Attribute } from '../kernfs/attribute.ts';
import { deviceName } from '../kernfs/parse.ts';
import { DaxDevice } from './dax-device.ts';
import { DAX_FILES } from './sources.ts';

export type DaxDriverKind = 'device' | 'kmem' | 'fsdev';

/** A driver of the bus `dax`. */
export interface DaxDriver extends Driver {
  readonly kind: DaxDriverKind;
  /**
   * Names of devices, existing or not, that the driver takes beside those of its kind; gone with
   * the module.
   */
  readonly ids: Set<string>;
}

export type DaxBus = Bus<DaxDriver>;

/** The dax device behind a device of the bus; ENODEV for a stranger. */
export function daxDeviceOf(device: Device): DaxDevice {
  const { object } = device;
  if (object instanceof DaxDevice) return object;
  throw new KernelError('ENODEV', `${device.name} is not a dax device`);
}

/**
 * dax_bus_match(): a listed name first, then the kind that the region prefers; fsdev_dax only by
 * name.
 */
function match(device: Device, { driver }: BoundDriver<DaxDriver>): boolean {
  if (driver.ids.has(device.name)) return true;
  return driver.kind === (daxDeviceOf(device).region.kmem ? 'kmem' : 'device');
}

/** dax_bus_probe(): ENXIO without a range; a seed that got a driver is a seed no more. */
function probe(device: Device, driver: DaxDriver): void {
  const dax = daxDeviceOf(device);
  if (dax.size === 0) throw new KernelError('ENXIO', `${dax.name} has no range`);
  driver.probe(device);
  if (dax.region.seed === dax) dax.region.seed = undefined;
}

const INT_MAX = 0x7fffffff;

/** do_id_store(): `dax<int>.<int>` in canonical spelling. EINVAL. */
function parseDeviceId(text: string): string {
  const name = deviceName(text);
  const numbers = /^dax(-?\d+)\.(-?\d+)$/.exec(name)?.slice(1) ?? [];
  const canonical = numbers.every(
    (each) => String(Math.trunc(Number(each))) === each && Math.abs(Number(each)) <= INT_MAX,
  );
  if (numbers.length === 2 && canonical) return name;
  throw new KernelError('EINVAL', `not a dax device name: ${JSON.stringify(name.slice(0, 40))}`);
}

const DRIVER_ATTRIBUTES: readonly Attribute<BoundDriver<DaxDriver>>[] = [
  {
    name: 'new_id',
    source: DAX_FILES,
    mode: 0o200,
    /** EINVAL. A probe that fails is not reported: look at the `driver` link. */
    store: (bound, text) => {
      bound.driver.ids.add(parseDeviceId(text));
      bound.bus.offerAll(bound);
    },
  },
  {
    name: 'remove_id',
    source: DAX_FILES,
    mode: 0o200,
    /** EINVAL. Neither an absent name nor a bound device is an error, and nothing is unbound. */
    store: (bound, text) => {
      bound.driver.ids.delete(parseDeviceId(text));
    },
  },
];

export function createDaxBus(kernel: Kernel): DaxBus {
  return new Bus<DaxDriver>(kernel, {
    name: 'dax',
    match,
    probe,
    uevent: () => [['MODALIAS', 'dax:t0']],
    driverAttributes: DRIVER_ATTRIBUTES,
  });
}
