/**
 * A kernel with one bus, for the tests of the driver core.
 */
import { Bus } from '../../src/driver-core/bus.ts';
import { Device } from '../../src/driver-core/device.ts';
import type { Driver } from '../../src/driver-core/driver.ts';
import { Kernel } from '../../src/driver-core/kernel.ts';
import { writeFile } from '../../src/kernfs/access.ts';
import { errnoOf } from '../errno-of.ts';

interface TestBus {
  readonly kernel: Kernel;
  readonly bus: Bus;
  /** Uevents as action@devpath. */
  readonly events: string[];
  /** Below /sys; gives the errno, or ok. */
  write(path: string, text: string): string;
}

/** A bus on which a driver takes the devices whose name begins with its own. */
export function testBus(): TestBus {
  const kernel = new Kernel();
  const bus = new Bus(kernel, {
    name: 'test',
    match: (device, driver) => device.name.startsWith(driver.name),
    uevent: () => [['MODALIAS', 'test:t1']],
  });
  const events: string[] = [];
  kernel.uevents.subscribe(({ action, devpath }) => events.push(`${action}@${devpath}`));
  const write = (path: string, text: string): string =>
    errnoOf(() => writeFile(kernel.sys, path, text));
  return { kernel, bus, events, write };
}

export function device(kernel: Kernel, bus: Bus, name: string, parent?: Device): Device {
  return new Device(kernel, { name, object: name, bus, parent }).add();
}

export function failing(name: string, error: Error): Driver {
  return {
    name,
    probe: () => {
      throw error;
    },
  };
}
