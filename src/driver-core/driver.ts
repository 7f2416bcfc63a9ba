/**
 * Drivers: the plain object that a subsystem writes, and the registered driver with its sysfs
 * directory (`drivers/base/driver.c`, `bus_add_driver`, 7.2).
 */

import type { Attribute, AttributeGroup } from '../kernfs/attribute.ts';
import { createFile } from '../kernfs/attribute.ts';
import type { KernfsDirectory } from '../kernfs/node.ts';
import { KernfsFile, linkTo } from '../kernfs/node.ts';
import { bindByName, releaseDriver, unbindByName } from './attach.ts';
import type { Bus } from './bus.ts';
import type { Device } from './device.ts';
import { BIND_FILES, DRIVER_LINKS, UEVENT_FILE } from './sources.ts';
import { synthesize } from './synthetic-uevent.ts';

/**
 * What a driver is. `probe` throws KernelError (the errno that `bind` returns) or ProbeDeferral.
 */
export interface Driver {
  readonly name: string;
  probe(device: Device): void;
  remove?(device: Device): void;
  /**
   * Throws KernelError where releasing the device would bring Linux down. Linux never asks: no
   * unbind is refused there.
   */
  assertReleasable?(device: Device): void;
  /** PROBE_PREFER_ASYNCHRONOUS: automatic binding is left to the work queue. */
  readonly asynchronous?: boolean;
  /** suppress_bind_attrs: no `bind` and `unbind` files. */
  readonly suppressBind?: boolean;
  /** Module whose `module` link the driver shows; absent for a driver built into the kernel. */
  readonly module?: string | undefined;
  /** Attributes that devices have while bound (`dev_groups`). */
  readonly deviceGroups?: readonly AttributeGroup<Device>[];
}

/** A driver registered on a bus. */
export class BoundDriver<D extends Driver = Driver> {
  readonly bus: Bus<D>;
  readonly driver: D;
  readonly directory: KernfsDirectory;
  /** Bound devices, first bound first. */
  readonly devices: Device[] = [];

  /**
   * bus_add_driver(): binds what matches, and only then shows `bind` and `unbind`. EEXIST: name
   * taken.
   */
  constructor(bus: Bus<D>, driver: D, attributes: readonly Attribute<BoundDriver<D>>[]) {
    this.bus = bus;
    this.driver = driver;
    this.directory = bus.driversDirectory.addDirectory(driver.name);
    bus.drivers.push(this);
    bus.kernel.trace.note('register', driver.name);
    bus.attachDriver(this);
    this.linkModule();
    this.directory.add(
      new KernfsFile('uevent', 0o200, {
        source: UEVENT_FILE,
        store: (text) => synthesize(text, (action, extras) => this.emit(action, extras)),
      }),
    );
    for (const attribute of attributes) createFile(this.directory, attribute, this);
    if (!driver.suppressBind) this.addBindFiles();
    this.emit('add');
  }

  get name(): string {
    return this.driver.name;
  }

  private addBindFiles(): void {
    this.directory.add(
      new KernfsFile('unbind', 0o200, {
        source: BIND_FILES,
        store: (text) => unbindByName(this, text),
      }),
    );
    this.directory.add(
      new KernfsFile('bind', 0o200, {
        source: BIND_FILES,
        store: (text) => bindByName(this, text),
      }),
    );
  }

  private linkModule(): void {
    const { module } = this.driver;
    if (module === undefined) return;
    const directory = this.bus.kernel.directory(`module/${module}`);
    this.directory.add(linkTo('module', directory, DRIVER_LINKS));
    directory
      .ensureDirectory('drivers')
      .add(linkTo(`${this.bus.name}:${this.name}`, this.directory, DRIVER_LINKS));
  }

  private emit(
    action: Parameters<Device['emit']>[0],
    extras: Iterable<readonly [string, string]> = [],
  ): void {
    this.bus.kernel.uevents.emit(
      action,
      `/bus/${this.bus.name}/drivers/${this.name}`,
      'drivers',
      new Map(extras),
    );
  }

  /** See Driver.assertReleasable: for every device that the driver holds. */
  assertReleasable(): void {
    for (const device of this.devices) this.driver.assertReleasable?.(device);
  }

  /** driver_unregister(): devices are released last bound first. */
  unregister(): void {
    this.bus.kernel.trace.note('unregister', this.name);
    for (const name of ['bind', 'unbind', 'uevent']) this.directory.remove(name);
    const index = this.bus.drivers.indexOf(this);
    if (index >= 0) this.bus.drivers.splice(index, 1);
    for (let device = this.devices.at(-1); device !== undefined; device = this.devices.at(-1))
      releaseDriver(device);
    const { module } = this.driver;
    const links =
      module === undefined
        ? undefined
        : this.bus.kernel.directory(`module/${module}`).lookup('drivers');
    if (links?.kind === 'directory') links.remove(`${this.bus.name}:${this.name}`);
    this.emit('remove');
    this.bus.driversDirectory.remove(this.name);
  }
}
