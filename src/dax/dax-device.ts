/**
 * A dax device: ranges of a region under one name, to be mapped by programs or added as memory
 * (`struct dev_dax`, `drivers/dax/bus.c`, 7.2).
 *
 * Ownership: the region lists its devices; the managed resources of the region's parent delete
 * them. A device keeps its identity across driver changes.
 */
import { Device } from '../driver-core/device.ts';
import type { DevresEntry } from '../driver-core/devres.ts';
import { Ida } from '../driver-core/ida.ts';
import type { AddressSpan } from '../mm/address-span.ts';
import type { OnlineType } from '../mm/hotplug/online-type.ts';
import { DAX_DEVICE_TYPE } from './dax-device-attributes.ts';
import { registerMapping } from './dax-mapping.ts';
import type { DaxRegion } from './dax-region.ts';
import type { DaxRange } from './range-allocation.ts';
import { addRange, grow, lengthOf, shrink } from './range-allocation.ts';
import type { RegionExtents } from './region-extents.ts';

export interface DaxDeviceOptions {
  readonly memmapOnMemory: boolean;
  /** How kmem onlines the memory; absent: by the system's policy. */
  readonly onlineType?: OnlineType | undefined;
}

/** A range as seen from outside. */
export type DaxExtent = Readonly<Pick<DaxRange, 'start' | 'end' | 'pageOffset'>>;

/** A dax device seen from outside: what a box needs to make a file of the device's node. */
export interface DaxDeviceView {
  readonly name: string;
  /** Bytes, all ranges together. */
  readonly size: number;
  /** Bytes; a mapping has to be a multiple of it. */
  readonly align: number;
  /** In the order in which they follow one another in the device. */
  readonly ranges: readonly DaxExtent[];
  /**
   * What the bound character driver maps: the ranges as they were at its probe. Absent while
   * open(2) gives ENXIO, without a driver or with kmem.
   */
  readonly served: readonly DaxExtent[] | undefined;
  readonly driverName: string | undefined;
  /** Its memory was taken from the host by force, and does not answer. */
  readonly lost: boolean;
}

export class DaxDevice implements DaxDeviceView {
  readonly region: DaxRegion;
  /** Instance id, the I of dax<R>.<I>. */
  readonly id: number;
  readonly name: string;
  readonly device: Device<DaxDevice>;
  readonly onlineType: OnlineType | undefined;
  readonly ranges: DaxRange[] = [];
  readonly mappingIds = new Ida();
  /** Bytes. */
  align: number;
  memmapOnMemory: boolean;
  served: readonly DaxExtent[] | undefined;
  /**
   * A page map hangs on the device: that of the bound character driver, or what one left whose
   * probe failed.
   */
  pageMap = false;
  /** What the device is made of in a dynamic region; none while its size is 0. */
  extents: RegionExtents | undefined;
  private readonly minor: number;
  private entry: DevresEntry | undefined;

  constructor(region: DaxRegion, options: DaxDeviceOptions) {
    const { context } = region;
    this.region = region;
    this.id = region.ids.allocate();
    this.minor = context.minors.allocate();
    this.name = `dax${region.id}.${this.id}`;
    this.align = region.align;
    this.memmapOnMemory = options.memmapOnMemory;
    this.onlineType = options.onlineType;
    this.device = new Device<DaxDevice>(context.kernel, {
      name: this.name,
      object: this,
      parent: region.parent,
      bus: context.bus,
      type: DAX_DEVICE_TYPE,
      number: { major: context.major, minor: this.minor, devname: this.name },
    });
  }

  get size(): number {
    return this.ranges.reduce((sum, range) => sum + lengthOf(range), 0);
  }

  get lost(): boolean {
    return this.extents?.lost ?? false;
  }

  get driverName(): string | undefined {
    return this.device.driver?.name;
  }

  /**
   * devm_create_dev_dax(): the initial ranges exist before the device is offered to drivers, their
   * `mappingN` only after. ENOMEM: one of them is taken; EEXIST: the name is.
   */
  register(initial: readonly AddressSpan[]): void {
    const { region } = this;
    region.devices.push(this);
    try {
      for (const { start, length } of initial) addRange(this, start, length);
      this.device.add();
    } catch (error) {
      this.forget();
      throw error;
    }
    this.entry = region.parent.devres.add(this.name, () => this.teardown());
    for (const range of this.ranges) if (range.mapping === undefined) registerMapping(this, range);
  }

  /** devm_release_action() of unregister_dev_dax(). */
  unregister(): void {
    if (this.entry !== undefined) this.region.parent.devres.release(this.entry);
  }

  /**
   * unregister_dev_dax(): marked dead first, so that no program maps it while its driver unbinds;
   * its ranges are freed last.
   */
  private teardown(): void {
    this.kill();
    this.device.del();
    shrink(this, this.size);
    this.forget();
  }

  private forget(): void {
    const { region } = this;
    this.ranges.length = 0;
    this.extents = undefined;
    region.devices.splice(region.devices.indexOf(this), 1);
    region.ids.free(this.id);
    region.context.minors.free(this.minor);
    if (region.seed === this) region.seed = undefined;
    if (region.youngest === this) region.youngest = undefined;
  }

  /** The bound character driver maps the ranges as they are now. */
  serve(): void {
    this.served = this.ranges.map(({ start, end, pageOffset }) => ({ start, end, pageOffset }));
    this.region.context.rangesChanged(this);
  }

  /**
   * kill_dev_dax(): from here on opening gives ENXIO. A dynamic region's page map is forgotten with
   * it.
   */
  kill(): void {
    if (!this.region.static) this.pageMap = false;
    if (this.served === undefined) return;
    this.served = undefined;
    this.region.context.rangesChanged(this);
  }

  /** dev_dax_resize(). ENOSPC: no hole is left in the region; what was taken before that stays. */
  resize(size: number): void {
    const difference = size - this.size;
    try {
      if (difference < 0) shrink(this, -difference);
      else grow(this, difference);
    } finally {
      this.region.context.rangesChanged(this);
    }
  }

  /** Appends a range of the user's choice, as addRange. */
  map(start: number, length: number): void {
    addRange(this, start, length);
    this.region.context.rangesChanged(this);
  }
}
