/**
 * The memory of a dynamic dax region, which comes and goes in extents while the region is there
 * (`dax_resource` of the dynamic capacity series of 2026, `drivers/dax/bus.c`). Extents of one tag
 * are one allocation and come and go together.
 *
 * In that series user space claims what arrived by writing its tag to the `uuid` of a seed. Here
 * each allocation becomes a dax device at once, as the explicit region drivers announce it; a
 * device whose `size` was set to 0 gives its extents back to the region, and `uuid` claims them
 * again.
 */
import { KernelError } from '../errno.ts';
import { hex } from '../kernfs/format.ts';
import { NULL_UUID, parseUuid, sysfsStreq } from '../kernfs/parse.ts';
import { type AddressSpan, spansOverlap } from '../mm/address-span.ts';
import type { DaxMemory } from './dax-context.ts';
import type { DaxDevice } from './dax-device.ts';
import type { DaxRegion } from './dax-region.ts';
import { shrink } from './range-allocation.ts';

export class RegionExtents {
  /** Host physical, in the order in which they follow one another in the device. */
  readonly ranges: readonly AddressSpan[];
  /** Absent: untagged, an allocation of one extent. */
  readonly tag: string | undefined;
  /** The memory was taken from the host by force. */
  lost = false;

  constructor(ranges: readonly AddressSpan[], tag?: string) {
    this.ranges = ranges;
    this.tag = tag;
  }

  /** Bytes. */
  get size(): number {
    return this.ranges.reduce((sum, { length }) => sum + length, 0);
  }
}

/** The device that is made of the extents; undefined while they are free. */
export function holderOf(region: DaxRegion, extents: RegionExtents): DaxDevice | undefined {
  return region.devices.find((dax) => dax.extents === extents);
}

/**
 * dax_region_add_resource(), and a device of what arrived. ENOSPC: it overlaps an extent that the
 * region has; else what registering the device throws. Nothing is left of a failure. That no driver
 * takes the device is none.
 */
export function addExtents(region: DaxRegion, extents: RegionExtents): DaxDevice {
  const taken = [...region.extents].flatMap(({ ranges }) => ranges);
  const met = extents.ranges.find((range) => taken.some((each) => spansOverlap(range, each)));
  if (met !== undefined)
    throw new KernelError('ENOSPC', `${region.name} has memory at ${hex(met.start)} already`);
  region.extents.add(extents);
  try {
    return region.createDevice(extents);
  } catch (error) {
    region.extents.delete(extents);
    throw error;
  }
}

type MemoryUse = {
  readonly hotplug: Pick<DaxMemory['hotplug'], 'hasOnlineMemory'>;
  readonly iomem: Pick<DaxMemory['iomem'], 'intersectsBusySystemRam'>;
};

/** EBUSY: memory blocks of `what` are online. */
function assertOffline({ hotplug }: MemoryUse, ranges: readonly AddressSpan[], what: string): void {
  if (ranges.some(({ start, length }) => hotplug.hasOnlineMemory(start, length)))
    throw new KernelError('EBUSY', `memory blocks of ${what} are online: offline them first`);
}

/** True if kmem, bound no more, had to leave memory of the ranges behind. */
export function isLeftBehind({ iomem }: MemoryUse, ranges: readonly AddressSpan[]): boolean {
  return ranges.some(({ start, length }) => iomem.intersectsBusySystemRam(start, length));
}

/**
 * For ranges that kmem is not bound to. EBUSY: memory blocks of `what` are online, or left behind
 * for good.
 */
export function assertMemoryGone(
  memory: MemoryUse,
  ranges: readonly AddressSpan[],
  what: string,
): void {
  assertOffline(memory, ranges, what);
  if (isLeftBehind(memory, ranges))
    throw new KernelError(
      'EBUSY',
      `memory of ${what} was left behind by kmem and stays until the next reboot`,
    );
}

/**
 * EBUSY: the memory is online, or left behind by kmem for good; or programs have the device open or
 * mapped.
 */
export function assertExtentsIdle(region: DaxRegion, extents: RegionExtents): void {
  const { memory, isOpen } = region.context;
  const dax = holderOf(region, extents);
  const what = dax?.name ?? region.name;
  if (dax?.driverName === 'kmem') assertOffline(memory, extents.ranges, what);
  else assertMemoryGone(memory, extents.ranges, what);
  if (dax !== undefined && isOpen(dax.name))
    throw new KernelError('EBUSY', `${dax.name} is open or mapped by a program`);
}

/** dax_region_rm_resources(): the device goes with its memory. */
export function removeExtents(region: DaxRegion, extents: RegionExtents): void {
  holderOf(region, extents)?.unregister();
  region.extents.delete(extents);
}

/** `size` = 0 in a dynamic region: the extents are the region's again. */
export function giveExtentsBack(dax: DaxDevice): void {
  dax.extents = undefined;
  shrink(dax, dax.size);
  dax.region.context.rangesChanged(dax);
}

/**
 * `uuid` of a device without memory: takes the allocation of that tag; `0`, or the null uuid, an
 * untagged one. EINVAL: no uuid; EBUSY: the device has a size; ENOENT: the region has nothing free
 * of that tag.
 */
export function claimExtents(dax: DaxDevice, text: string): void {
  const { region } = dax;
  const written = sysfsStreq(text, '0') ? NULL_UUID : parseUuid(text);
  if (dax.size > 0) throw new KernelError('EBUSY', `${dax.name} has a size`);
  const free = [...region.extents].find(
    (extents) =>
      (extents.tag ?? NULL_UUID) === written &&
      !extents.lost &&
      holderOf(region, extents) === undefined,
  );
  if (free === undefined)
    throw new KernelError('ENOENT', `${region.name} has nothing free of tag ${written}`);
  for (const { start, length } of free.ranges) dax.map(start, length);
  dax.extents = free;
}
