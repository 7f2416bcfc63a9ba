/**
 * The device object: `struct device` with its sysfs directory (`drivers/base/core.c`, 7.2).
 *
 * Ownership: the parent's directory holds the device's directory; the bus holds the device in its
 * list. The code that made a device deletes it; nothing deletes children implicitly. `object` is
 * the subsystem's own object (container_of).
 */

import { KernelError } from '../errno.ts';
import type { AttributeGroup } from '../kernfs/attribute.ts';
import { createGroup, removeGroup, updateGroup } from '../kernfs/attribute.ts';
import type { KernfsDirectory } from '../kernfs/node.ts';
import { linkTo, pathOf } from '../kernfs/node.ts';
import type { Source } from '../kernfs/source.ts';
import { releaseDriver } from './attach.ts';
import type { Bus } from './bus.ts';
import type { DeviceClass } from './device-class.ts';
import { Devres } from './devres.ts';
import type { BoundDriver } from './driver.ts';
import type { Kernel } from './kernel.ts';
import { DEVICE_LINKS, UEVENT_FILE } from './sources.ts';
import { synthesize } from './synthetic-uevent.ts';
import type { UeventAction } from './uevent.ts';

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
  /** Name below /dev. */
  readonly devname: string;
  /** Mode of the node in /dev; devtmpfs gives 0600. */
  readonly mode?: number;
}

/** `struct device_type`: what all devices of one kind share. */
export interface DeviceType<T> {
  /** DEVTYPE of its uevents; absent: none. */
  readonly name?: string;
  readonly groups?: readonly AttributeGroup<T>[];
  /** Of groups that have none of their own. */
  readonly source?: Source;
}

export interface DeviceOptions<T> {
  readonly name: string;
  readonly object: T;
  readonly parent?: Device | undefined;
  readonly bus?: Bus | undefined;
  readonly class?: DeviceClass | undefined;
  readonly type?: DeviceType<T> | undefined;
  readonly groups?: readonly AttributeGroup<T>[] | undefined;
  readonly number?: DeviceNumber | undefined;
  /**
   * Directory to live in, for devices of a subsystem with its own place; default by parent, bus and
   * class.
   */
  readonly place?: KernfsDirectory | undefined;
}

const UEVENT: AttributeGroup<Device> = {
  source: UEVENT_FILE,
  attributes: [
    {
      name: 'uevent',
      mode: 0o644,
      show: (device) => device.ueventText(),
      store: (device, text) => synthesize(text, (action, extras) => device.emit(action, extras)),
    },
  ],
};

const NUMBER: AttributeGroup<DeviceNumber> = {
  source: DEVICE_LINKS,
  attributes: [{ name: 'dev', mode: 0o444, show: (number) => `${numberText(number)}\n` }],
};

function numberText({ major, minor }: DeviceNumber): string {
  return `${major}:${minor}`;
}

const NO_GROUPS: readonly never[] = [];

export class Device<T = unknown> {
  readonly kernel: Kernel;
  readonly name: string;
  readonly object: T;
  readonly parent: Device | undefined;
  readonly bus: Bus | undefined;
  readonly class: DeviceClass | undefined;
  readonly type: DeviceType<T> | undefined;
  readonly number: DeviceNumber | undefined;
  readonly devres = new Devres();
  driver: BoundDriver | undefined;
  directory: KernfsDirectory | undefined;
  /**
   * False until device_add is done and again from the start of device_del: such a device cannot be
   * bound.
   */
  ready = false;
  private dead = false;
  private readonly groups: readonly AttributeGroup<T>[];
  private readonly place: KernfsDirectory | undefined;

  constructor(kernel: Kernel, options: DeviceOptions<T>) {
    this.kernel = kernel;
    this.name = options.name;
    this.object = options.object;
    this.parent = options.parent;
    this.bus = options.bus;
    this.class = options.class;
    this.type = options.type;
    this.number = options.number;
    this.place = options.place;
    const { type, groups = NO_GROUPS } = options;
    this.groups =
      groups.length === 0 ? (type?.groups ?? NO_GROUPS) : [...(type?.groups ?? []), ...groups];
  }

  get registered(): boolean {
    return this.directory !== undefined && !this.dead;
  }

  /** Path below /sys with a leading slash: DEVPATH. */
  get devpath(): string {
    return this.directory === undefined ? '' : pathOf(this.directory).slice('/sys'.length);
  }

  /**
   * device_add(). EEXIST: the name is taken in the directory or on the bus; nothing is left behind.
   */
  add(): this {
    const directory = this.location().addDirectory(this.name);
    this.directory = directory;
    try {
      this.populate(directory);
    } catch (error) {
      this.unpopulate(directory);
      directory.parent?.remove(this.name);
      this.directory = undefined;
      throw error;
    }
    if (this.number !== undefined) this.addNumber(directory, this.number);
    this.emit('add');
    this.ready = true;
    this.bus?.autoprobe(this);
    return this;
  }

  private location(): KernfsDirectory {
    if (this.place !== undefined) return this.place;
    if (this.class !== undefined) return this.class.placeOf(this.parent);
    return this.parent?.directory ?? this.kernel.directory('devices');
  }

  private populate(directory: KernfsDirectory): void {
    createGroup<Device>(directory, UEVENT, this);
    this.class?.link(this, directory);
    for (const group of this.groups) createGroup(directory, group, this.object, this.type?.source);
    this.bus?.link(this, directory);
  }

  private unpopulate(directory: KernfsDirectory): void {
    this.class?.unlink(this);
    removeGroup(directory, UEVENT);
    for (const group of [...this.groups].reverse()) removeGroup(directory, group);
    this.bus?.unlink(this, directory);
  }

  private addNumber(directory: KernfsDirectory, number: DeviceNumber): void {
    createGroup(directory, NUMBER, number);
    const text = numberText(number);
    const chars = this.kernel.directory('dev/char');
    if (chars.lookup(text) === undefined) chars.add(linkTo(text, directory, DEVICE_LINKS));
    this.kernel.devtmpfs.add({
      name: number.devname,
      major: number.major,
      minor: number.minor,
      mode: number.mode ?? 0o600,
    });
  }

  private removeNumber(directory: KernfsDirectory, number: DeviceNumber): void {
    this.kernel.devtmpfs.remove(number.devname);
    this.kernel.directory('dev/char').remove(numberText(number));
    removeGroup(directory, NUMBER);
  }

  /**
   * device_del(): attributes and links go before the driver's remove runs, the directory after the
   * `remove` event. A device that is not registered is left alone.
   */
  del(): void {
    const { directory } = this;
    if (directory === undefined || this.dead) return;
    this.dead = true;
    this.ready = false;
    if (this.number !== undefined) this.removeNumber(directory, this.number);
    this.unpopulate(directory);
    releaseDriver(this);
    this.kernel.deferred.forget(this);
    this.devres.releaseAll();
    this.emit('remove');
    directory.parent?.remove(this.name);
    this.class?.releasePlace(this.parent);
  }

  /** sysfs_update_group() of one of the device's own groups. */
  updateGroup(group: AttributeGroup<T>): void {
    if (this.directory === undefined || this.dead) return;
    updateGroup(this.directory, group, this.object, this.type?.source);
  }

  /** The variables that the uevent file shows and every event of the device carries. */
  private variables(action?: UeventAction): Map<string, string> {
    const variables = new Map<string, string>();
    if (this.number !== undefined) {
      variables.set('MAJOR', `${this.number.major}`);
      variables.set('MINOR', `${this.number.minor}`);
      variables.set('DEVNAME', this.number.devname);
      if (this.number.mode !== undefined)
        variables.set('DEVMODE', `0${this.number.mode.toString(8)}`);
    }
    if (this.type?.name !== undefined) variables.set('DEVTYPE', this.type.name);
    if (this.driver !== undefined) variables.set('DRIVER', this.driver.name);
    for (const [key, value] of this.bus?.uevent(this) ?? this.class?.uevent(this) ?? [])
      variables.set(key, value);
    // device_unbind_cleanup() and kobject_uevent_env(): an unbind event carries no MODALIAS.
    if (action === 'unbind') variables.delete('MODALIAS');
    return variables;
  }

  /** What the uevent file shows. */
  ueventText(): string {
    return [...this.variables()].map(([key, value]) => `${key}=${value}\n`).join('');
  }

  /** kobject_uevent_env(): a device with neither bus nor class sends nothing. */
  emit(action: UeventAction, extras: Iterable<readonly [string, string]> = []): void {
    const subsystem = this.bus?.name ?? this.class?.name;
    if (subsystem === undefined) return;
    this.kernel.uevents.emit(
      action,
      this.devpath,
      subsystem,
      new Map([...extras, ...this.variables(action)]),
    );
  }

  /**
   * The bus to which the device must belong for the driver model; EINVAL for a device without one.
   */
  requireBus(): Bus {
    if (this.bus === undefined) throw new KernelError('EINVAL', `${this.name} is on no bus`);
    return this.bus;
  }
}
