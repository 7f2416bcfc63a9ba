/**
 * A bus: `/sys/bus/NAME` with its devices, its drivers, and the rule which driver takes which
 * device (`drivers/base/bus.c`, 7.2).
 */

import { KernelError } from '../errno.ts';
import type { Attribute } from '../kernfs/attribute.ts';
import { createFile } from '../kernfs/attribute.ts';
import type { KernfsDirectory } from '../kernfs/node.ts';
import { KernfsFile, linkTo } from '../kernfs/node.ts';
import { deviceName } from '../kernfs/parse.ts';
import { attachDevice, attachDeviceTo } from './attach.ts';
import type { Device } from './device.ts';
import type { Driver } from './driver.ts';
import { BoundDriver } from './driver.ts';
import type { Kernel } from './kernel.ts';
import { BIND_FILES, DEVICE_LINKS, UEVENT_FILE } from './sources.ts';
import { synthesize } from './synthetic-uevent.ts';

export interface BusOptions<D extends Driver> {
  readonly name: string;
  /** Absent: every driver matches every device. */
  match?(device: Device, driver: BoundDriver<D>): boolean;
  /** Variables added to every event of a device of the bus. */
  uevent?(device: Device): Iterable<readonly [string, string]>;
  /** Runs instead of the driver's own probe and is expected to call it. */
  probe?(device: Device, driver: D): void;
  /** Runs instead of the driver's own remove and is expected to call it. */
  remove?(device: Device, driver: D): void;
  /** Order in which a new driver gets the devices offered; absent: that of their addition. */
  compare?(a: Device, b: Device): number;
  readonly attributes?: readonly Attribute<Bus<D>>[];
  /** Attributes of every driver of the bus, such as `new_id`. */
  readonly driverAttributes?: readonly Attribute<BoundDriver<D>>[];
}

export class Bus<D extends Driver = Driver> {
  readonly kernel: Kernel;
  readonly name: string;
  readonly options: BusOptions<D>;
  readonly directory: KernfsDirectory;
  readonly driversDirectory: KernfsDirectory;
  private readonly devicesDirectory: KernfsDirectory;
  /** In registration order, which is the order in which a new device is offered. */
  readonly drivers: BoundDriver<D>[] = [];
  private readonly devices = new Map<string, Device>();
  private autoprobing = true;

  constructor(kernel: Kernel, options: BusOptions<D>) {
    this.kernel = kernel;
    this.options = options;
    this.name = options.name;
    this.directory = kernel.directory('bus').addDirectory(options.name);
    this.devicesDirectory = this.directory.addDirectory('devices');
    this.driversDirectory = this.directory.addDirectory('drivers');
    this.addFiles();
    kernel.uevents.emit('add', `/bus/${this.name}`, 'bus');
  }

  private addFiles(): void {
    this.directory.add(
      new KernfsFile('uevent', 0o200, {
        source: UEVENT_FILE,
        store: (text) =>
          synthesize(text, (action, extras) =>
            this.kernel.uevents.emit(action, `/bus/${this.name}`, 'bus', new Map(extras)),
          ),
      }),
    );
    this.directory.add(
      new KernfsFile('drivers_probe', 0o200, {
        source: BIND_FILES,
        store: (text) => this.rescan(text),
      }),
    );
    this.directory.add(
      new KernfsFile('drivers_autoprobe', 0o644, {
        source: BIND_FILES,
        show: () => (this.autoprobing ? '1\n' : '0\n'),
        // drivers_autoprobe_store(): only a leading '0' switches off; it never fails.
        store: (text) => {
          this.autoprobing = !text.startsWith('0');
        },
      }),
    );
    for (const attribute of this.options.attributes ?? [])
      createFile<Bus<D>>(this.directory, attribute, this);
  }

  registerDriver(driver: D): BoundDriver<D> {
    return new BoundDriver(this, driver, this.options.driverAttributes ?? []);
  }

  /** The registered driver of that name. */
  driver(name: string): BoundDriver<D> | undefined {
    return this.drivers.find((each) => each.name === name);
  }

  device(name: string): Device | undefined {
    return this.devices.get(name);
  }

  /** All devices in the order in which they were added. */
  list(): Device[] {
    return [...this.devices.values()];
  }

  matches(device: Device, driver: BoundDriver<D>): boolean {
    return this.options.match?.(device, driver) ?? true;
  }

  uevent(device: Device): Iterable<readonly [string, string]> {
    return this.options.uevent?.(device) ?? [];
  }

  /** bus_add_device(). EEXIST: a device of that name is on the bus. */
  link(device: Device, directory: KernfsDirectory): void {
    this.devicesDirectory.add(linkTo(device.name, directory, DEVICE_LINKS));
    this.devices.set(device.name, device);
    directory.add(linkTo('subsystem', this.directory, DEVICE_LINKS));
  }

  unlink(device: Device, directory: KernfsDirectory): void {
    directory.remove('subsystem');
    if (this.devices.get(device.name) !== device) return;
    this.devicesDirectory.remove(device.name);
    this.devices.delete(device.name);
  }

  /** bus_probe_device(): what a new device gets. */
  autoprobe(device: Device): void {
    if (!this.autoprobing) return;
    attachDevice(device, this.drivers, 'automatic');
  }

  /**
   * driver_attach() at registration: every unbound device of the bus is offered to the new driver.
   */
  attachDriver(driver: BoundDriver<D>): void {
    if (this.autoprobing) this.offerAll(driver);
  }

  /** driver_attach(): offers every unbound device; probe errors are not reported. */
  offerAll(driver: BoundDriver<D>): void {
    const { compare } = this.options;
    const devices = compare === undefined ? this.list() : this.list().sort((a, b) => compare(a, b));
    for (const device of devices) attachDeviceTo(device, driver);
  }

  /** bus_rescan_devices(): every unbound device of the bus is offered to the drivers. */
  rescanAll(): void {
    for (const device of this.list()) {
      if (device.driver === undefined && device.ready)
        attachDevice(device, this.drivers, 'requested');
    }
  }

  /** drivers_probe: ENODEV for an unknown name; a probe that fails is success. */
  private rescan(text: string): void {
    const name = deviceName(text);
    this.kernel.trace.around('drivers_probe', undefined, name, () => {
      const device = this.devices.get(name);
      if (device === undefined)
        throw new KernelError('ENODEV', `no device '${name}' on bus ${this.name}`);
      if (device.driver === undefined) attachDevice(device, this.drivers, 'requested');
    });
  }
}
