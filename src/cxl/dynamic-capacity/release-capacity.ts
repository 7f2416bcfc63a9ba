/**
 * Release Capacity and Forced Capacity Release (`cxl_rm_extent` of the dynamic capacity series of
 * 2026).
 *
 * Linux answers a release that it cannot grant with nothing, and the fabric manager waits; here its
 * writer learns at once. To a forced release Linux does nothing at all: the memory is gone, and
 * what uses it meets a machine check.
 */
import { assertMemoryGone } from '../../dax/region-extents.ts';
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { loseMemory } from '../../mm/failure/memory-loss.ts';
import type { CxlDaxRegion } from '../objects/dax-region.ts';
import type { DeviceExtent, DynamicCapacity } from '../objects/device-extents.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { TagGroup } from '../objects/tag-group.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { assertIdle } from './tag-group.ts';

interface Surfaced {
  readonly cxlDax: CxlDaxRegion;
  readonly group: TagGroup;
}

/** What the host made of an allocation; undefined if nothing. */
function surfacedAs(
  subsystem: CxlSubsystem,
  capacity: DynamicCapacity,
  [first]: readonly DeviceExtent[],
): Surfaced | undefined {
  for (const { regions } of subsystem.rootDecoders) {
    for (const { daxRegion } of regions.values()) {
      for (const group of daxRegion?.groups ?? []) {
        const same =
          group.capacity === capacity && group.extents.some(({ start }) => start === first?.start);
        if (daxRegion !== undefined && same) return { cxlDax: daxRegion, group };
      }
    }
  }
  return undefined;
}

/**
 * Asks the host to give the allocation of `range` back. EINVAL: see DynamicCapacity.allocationOf;
 * EBUSY: its blocks are online, or a program has its dax device open or mapped.
 */
export function releaseCapacity(
  subsystem: CxlSubsystem,
  capacity: DynamicCapacity,
  range: DeviceExtent,
): void {
  const allocation = capacity.allocationOf(range);
  const surfaced = surfacedAs(subsystem, capacity, allocation);
  if (surfaced === undefined) {
    const what = `the extent at DPA ${hex(allocation[0]?.start ?? 0)}`;
    assertMemoryGone(subsystem.mm, capacity.memoryLeftBehind(allocation), what);
    capacity.remove(allocation);
    return;
  }
  assertIdle(surfaced.cxlDax, surfaced.group);
  surfaced.group.release();
}

/**
 * Takes the allocation of `range` from the host. EINVAL: as releaseCapacity; EBUSY: its blocks are
 * online in a kernel zone, where Linux crashes.
 */
export function forceRelease(
  subsystem: CxlSubsystem,
  memdev: Memdev,
  capacity: DynamicCapacity,
  range: DeviceExtent,
): void {
  const allocation = capacity.allocationOf(range);
  const group = surfacedAs(subsystem, capacity, allocation)?.group;
  const memory = group?.memory.ranges ?? capacity.memoryLeftBehind(allocation);
  const { hotplug } = subsystem.mm;
  if (memory.some(({ start, length }) => hotplug.hasOnlineKernelMemory(start, length)))
    throw new KernelError(
      'EBUSY',
      `blocks of the extent at DPA ${hex(range.start)} are online in a kernel zone, Linux would crash`,
    );
  subsystem.kernel.log.print(
    'err',
    `cxl ${memdev.name}: forced release of the extent at DPA ${hex(range.start)} ignored: its memory is gone`,
  );
  capacity.remove(allocation);
  for (const { start, length } of memory) loseMemory(hotplug.context, start, length);
  const name = group?.lose();
  if (name !== undefined) for (const lost of subsystem.lossListeners) lost(name);
}
