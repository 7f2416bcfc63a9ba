/**
 * Add Capacity: what the host does with extents that a device offers (`cxl_add_extent`,
 * `cxl_add_pending` of the dynamic capacity series of 2026). The unit is the allocation: all
 * extents of a tag, or one untagged extent; each is accepted whole or refused whole.
 */
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { spanContains, spansOverlap } from '../../mm/address-span.ts';
import type { CxlDaxRegion } from '../objects/dax-region.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { DeviceExtent, DynamicCapacity } from '../objects/device-extents.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { Region } from '../objects/region.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { surface } from './tag-group.ts';

/** Where in the host a piece of a device's dynamic capacity belongs. */
interface Place {
  readonly region: Region;
  readonly decoder: EndpointDecoder;
}

/** cxl_dpa_to_region(): ENXIO if no committed region has all of it. */
export function placeOf(subsystem: CxlSubsystem, memdev: Memdev, extent: DeviceExtent): Place {
  const places = subsystem.rootDecoders.flatMap(({ regions }) =>
    [...regions.values()].flatMap((region) =>
      region.attached().map((decoder) => ({ region, decoder })),
    ),
  );
  const met = places.find(({ decoder: { port, dpa } }) => {
    if (port.memdev !== memdev || dpa === undefined) return false;
    return spansOverlap({ start: dpa.start, length: dpa.size }, extent);
  });
  const what = `DPA ${hex(extent.start)} of ${memdev.name}`;
  if (met === undefined || !met.region.committed)
    throw new KernelError(
      'ENXIO',
      `no committed region has ${what}: make one of type dynamic_ram_a first`,
    );
  const { start, size } = met.decoder.dpa ?? { start: 0, size: 0 };
  if (!spanContains({ start, length: size }, extent))
    throw new KernelError('ENXIO', `the extent at ${what} reaches beyond ${met.region.name}`);
  return met;
}

/**
 * The dax region that takes the extents. ENXIO: the user has not decided yet what the region's
 * memory shall be.
 */
function daxRegionOf({ region }: Place): CxlDaxRegion {
  if (region.daxRegion?.dax === undefined)
    throw new KernelError(
      'ENXIO',
      `${region.name} has no dax region: bind one of its drivers first`,
    );
  return region.daxRegion;
}

/** Tags are unique on a host: each is one allocation. EBUSY. */
function assertUniqueTag(subsystem: CxlSubsystem, tag: string | undefined): void {
  if (tag === undefined) return;
  for (const { name, hardware } of subsystem.memdevs.values())
    if (hardware.dynamicCapacity?.extents.some((extent) => extent.tag === tag))
      throw new KernelError('EBUSY', `${name} has an allocation of tag ${tag} already`);
}

function accept(
  subsystem: CxlSubsystem,
  memdev: Memdev,
  capacity: DynamicCapacity,
  group: readonly DeviceExtent[],
): void {
  assertUniqueTag(subsystem, group[0]?.tag);
  const places = group.map((extent) => placeOf(subsystem, memdev, extent));
  const [first] = places;
  if (first === undefined) throw new KernelError('EINVAL', 'no extent is offered');
  if (places.some(({ decoder }) => decoder !== first.decoder))
    throw new KernelError('ENXIO', 'the extents of one tag belong to several regions');
  const cxlDax = daxRegionOf(first);
  // The memory answers before anybody uses it.
  capacity.add(group);
  try {
    surface(cxlDax, first.decoder, capacity, group);
  } catch (error) {
    capacity.remove(group);
    throw error;
  }
}

/**
 * Offers extents to the host. EINVAL, EBUSY: see DynamicCapacity.assertOffer; ENXIO: no committed
 * region with a bound driver has them; EBUSY: the tag is in use. Untagged extents are allocations
 * of their own: the first refusal ends it, and those before it stay.
 */
export function addCapacity(
  subsystem: CxlSubsystem,
  memdev: Memdev,
  capacity: DynamicCapacity,
  offered: readonly DeviceExtent[],
): void {
  capacity.assertOffer(offered);
  const groups = offered[0]?.tag === undefined ? offered.map((extent) => [extent]) : [offered];
  for (const group of groups) accept(subsystem, memdev, capacity, group);
}

/**
 * The scan at probe of `dax_regionX`: what the device says that the host has already, such as
 * memory that kmem left behind.
 */
export function surfaceAccepted(cxlDax: CxlDaxRegion): void {
  for (const decoder of cxlDax.region.attached()) {
    const capacity = decoder.port.memdev?.hardware.dynamicCapacity;
    const { dpa } = decoder;
    if (capacity === undefined || dpa === undefined) continue;
    const own = capacity.extents.filter((extent) =>
      spanContains({ start: dpa.start, length: dpa.size }, extent),
    );
    const seen = new Set<DeviceExtent>();
    for (const extent of own) {
      if (seen.has(extent)) continue;
      const group = capacity.allocationOf(extent);
      for (const each of group) seen.add(each);
      surface(cxlDax, decoder, capacity, group);
    }
  }
}
