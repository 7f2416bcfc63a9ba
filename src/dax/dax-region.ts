/**
 * Dax regions: physical address ranges that a producer (CXL) hands to the dax bus
 * (`alloc_dax_region` of `drivers/dax/bus.c`, 7.2). Not a device: a group of files in the directory
 * of its parent, whose managed resources hold the region and, above it, the devices and their
 * mappings. So unbinding the parent takes all down in reverse.
 */
import type { Device } from '../driver-core/device.ts';
import { Ida } from '../driver-core/ida.ts';
import { KernelError } from '../errno.ts';
import { createGroup, removeGroup } from '../kernfs/attribute.ts';
import type { OnlineType } from '../mm/hotplug/online-type.ts';
import type { DaxContext } from './dax-context.ts';
import { DaxDevice } from './dax-device.ts';
import { DAX_REGION_GROUP } from './dax-region-attributes.ts';
import type { RegionExtents } from './region-extents.ts';

export interface DaxRegionOptions {
  /** From the kernel's region id allocator, the R of dax<R>.<I>. */
  readonly id: number;
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** The node that kmem adds the memory to; negative: unknown. */
  readonly targetNode: number;
  /** Bytes; of start, size, and new devices. */
  readonly align: number;
  /** True: devices go to kmem; false: to device_dax. */
  readonly kmem: boolean;
  /** The producer fixes the layout: no create, delete, resize. */
  readonly static?: boolean | undefined;
  /** Memory comes and goes in extents (IORESOURCE_DAX_DCD): the region has none when it is made. */
  readonly dynamic?: boolean | undefined;
  /**
   * How kmem onlines the memory of the devices that the producer makes; absent: by the system's
   * policy.
   */
  readonly onlineType?: OnlineType | undefined;
  /** The node of the parent device; absent: it has none. */
  readonly numaNode?: number | undefined;
}

export class DaxRegion {
  readonly context: DaxContext;
  readonly parent: Device;
  readonly id: number;
  readonly start: number;
  readonly size: number;
  readonly targetNode: number;
  readonly align: number;
  readonly kmem: boolean;
  readonly static: boolean;
  readonly dynamic: boolean;
  readonly numaNode: number;
  readonly devices: DaxDevice[] = [];
  /** What has arrived of a dynamic region. */
  readonly extents = new Set<RegionExtents>();
  readonly ids = new Ida();
  /** The device that waits to be configured, and the last one made, both through `create` only. */
  seed: DaxDevice | undefined;
  youngest: DaxDevice | undefined;
  private readonly onlineType: OnlineType | undefined;

  constructor(context: DaxContext, parent: Device, options: DaxRegionOptions) {
    this.context = context;
    this.parent = parent;
    this.id = options.id;
    this.start = options.start;
    this.size = options.size;
    this.targetNode = options.targetNode;
    this.align = options.align;
    this.kmem = options.kmem;
    this.static = options.static ?? false;
    this.dynamic = options.dynamic ?? false;
    this.numaNode = options.numaNode ?? -1;
    this.onlineType = options.onlineType;
  }

  get name(): string {
    return `dax region ${this.id}`;
  }

  /** Inclusive. */
  get end(): number {
    return this.start + this.size - 1;
  }

  /** Bytes outside all devices, however scattered. */
  get available(): number {
    return this.devices.reduce((rest, dax) => rest - dax.size, this.capacity);
  }

  private get capacity(): number {
    if (!this.dynamic) return this.size;
    return [...this.extents].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * A device that the producer makes: of the whole region, of its first `size` bytes, or of what
   * arrived in a dynamic one. The region's online type is for these, and memmap on memory is
   * requested. ENOMEM: a range is taken.
   */
  createDevice(of: number | RegionExtents = this.size): DaxDevice {
    const onlineType = this.onlineType ?? this.capturedOnlineType();
    const dax = new DaxDevice(this, { memmapOnMemory: true, onlineType });
    if (typeof of !== 'number') dax.extents = of;
    dax.register(typeof of === 'number' ? [{ start: this.start, length: of }] : of.ranges);
    return dax;
  }

  /** What `create` makes: no range, and the system's online policy, not the region's. */
  createSeed(): DaxDevice {
    const dax = new DaxDevice(this, {
      memmapOnMemory: false,
      onlineType: this.capturedOnlineType(),
    });
    dax.register([]);
    this.seed ??= dax;
    this.youngest = dax;
    return dax;
  }

  private capturedOnlineType(): OnlineType | undefined {
    return this.context.captureDefaultOnlineType
      ? this.context.memory.hotplug.defaultOnlineType
      : undefined;
  }
}

/**
 * alloc_dax_region(), to be called from the probe of the parent's driver. ENOMEM for every refusal:
 * start or size not aligned, overlap with another region, a second region on the parent.
 */
export function createDaxRegion(
  context: DaxContext,
  parent: Device,
  options: DaxRegionOptions,
): DaxRegion {
  const region = new DaxRegion(context, parent, options);
  const { directory } = parent;
  const others = [...context.regions];
  if (directory === undefined || others.some((other) => other.parent === parent)) {
    throw new KernelError('ENOMEM', `${parent.name} cannot hold a dax region`);
  }
  if (region.size <= 0 || region.start % region.align !== 0 || region.size % region.align !== 0) {
    throw new KernelError('ENOMEM', `${region.name} is not aligned to ${region.align} bytes`);
  }
  const met = others.find((other) => other.start <= region.end && region.start <= other.end);
  if (met !== undefined) {
    context.kernel.log.print(
      'err',
      `${parent.name}: ${region.name} overlaps ${met.name} of ${met.parent.name}`,
    );
    throw new KernelError('ENOMEM', `${region.name} overlaps ${met.name}`);
  }
  context.regions.add(region);
  createGroup(directory, DAX_REGION_GROUP, region);
  parent.devres.add(region.name, () => {
    removeGroup(directory, DAX_REGION_GROUP);
    context.regions.delete(region);
  });
  return region;
}
