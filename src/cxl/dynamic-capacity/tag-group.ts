/**
 * Extents as the host has them: those of one tag, or one untagged extent, as a dax device of the
 * region that decodes them, with an `extentX.Y` each (`cxl_dc_tag_group`, `struct dc_extent` of the
 * dynamic capacity series of 2026).
 *
 * Ownership: the managed resources of `dax_regionX` hold the group, and above it the dax device. So
 * unbinding the region's driver takes the device down and gives the extents back to the memory
 * device, unless kmem had to leave memory behind.
 */
import {
  addExtents,
  assertExtentsIdle,
  holderOf,
  isLeftBehind,
  RegionExtents,
  removeExtents,
} from '../../dax/region-extents.ts';
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { CxlDaxRegion } from '../objects/dax-region.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { DeviceExtent, DynamicCapacity } from '../objects/device-extents.ts';
import type { TagGroup } from '../objects/tag-group.ts';
import { type ExtentDevice, registerExtent } from './extent-device.ts';

/** Host physical address of an extent: dynamic regions are of one way. */
function hpaOf(cxlDax: CxlDaxRegion, decoder: EndpointDecoder, { start }: DeviceExtent): number {
  return (cxlDax.region.resource?.start ?? 0) + start - (decoder.dpa?.start ?? 0);
}

function daxOf(cxlDax: CxlDaxRegion): {
  readonly device: Device;
  readonly dax: NonNullable<CxlDaxRegion['dax']>;
} {
  const { device, dax } = cxlDax;
  if (device !== undefined && dax !== undefined) return { device, dax };
  throw new KernelError('ENXIO', `the dax region of ${cxlDax.region.name} has no driver`);
}

/**
 * online_tag_group(): in the order of the extents in the dax device. ENXIO, and what addExtents
 * throws.
 */
export function surface(
  cxlDax: CxlDaxRegion,
  decoder: EndpointDecoder,
  capacity: DynamicCapacity,
  extents: readonly DeviceExtent[],
): TagGroup {
  const { device, dax } = daxOf(cxlDax);
  const ranges = extents.map((extent) => ({
    start: hpaOf(cxlDax, decoder, extent),
    length: extent.length,
  }));
  const memory = new RegionExtents(ranges, extents[0]?.tag);
  const devices: ExtentDevice[] = ranges.map((range) =>
    registerExtent(device, cxlDax.extentIds, {
      offset: range.start - dax.start,
      length: range.length,
      tag: memory.tag,
    }),
  );
  const undo = (): void => {
    cxlDax.groups.delete(group);
    for (const each of devices.reverse()) each.unregister();
    giveBack(cxlDax, group);
  };
  const entry = device.devres.add('extents', undo);
  const group: TagGroup = {
    extents,
    capacity,
    memory,
    release: () => {
      removeExtents(dax, memory);
      device.devres.release(entry);
    },
    lose: () => {
      memory.lost = true;
      return holderOf(dax, memory)?.name;
    },
  };
  cxlDax.groups.add(group);
  try {
    addExtents(dax, memory);
  } catch (error) {
    device.devres.release(entry);
    throw error;
  }
  return group;
}

/**
 * memdev_release_extent(): what kmem left behind is in use until the next reboot and stays with the
 * host.
 */
function giveBack({ region }: CxlDaxRegion, { capacity, extents, memory }: TagGroup): void {
  if (isLeftBehind(region.context.mm, memory.ranges)) capacity.leaveBehind(extents, memory.ranges);
  else capacity.remove(extents);
}

/** EBUSY: see assertExtentsIdle. */
export function assertIdle(cxlDax: CxlDaxRegion, { memory }: TagGroup): void {
  assertExtentsIdle(daxOf(cxlDax).dax, memory);
}
