/**
 * debugfs `cxlbox/capacity/memN/`: there as long as `memN` is, since the device keeps its extents
 * whether a driver is bound to it or not.
 */
import { addBoxFile } from '../../cxlbox-abi/box-file.ts';
import {
  CAPACITY_ADD,
  CAPACITY_EXTENTS,
  CAPACITY_RELEASE,
  type CapacityRequest,
  type Extent,
} from '../../cxlbox-abi/capacity.ts';
import type { Devres } from '../../driver-core/devres.ts';
import { hex } from '../../kernfs/format.ts';
import type { DeviceExtent, DynamicCapacity } from '../objects/device-extents.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { addCapacity } from './add-capacity.ts';
import { forceRelease, releaseCapacity } from './release-capacity.ts';

/** As the device counts: from its first byte. */
function deviceExtents(
  { partition }: DynamicCapacity,
  { extents, tag }: CapacityRequest,
): DeviceExtent[] {
  return extents.map(({ offset, length }) => ({ start: partition.start + offset, length, tag }));
}

function partitionExtents({ extents, partition }: DynamicCapacity): Extent[] {
  return extents.map(({ start, length, tag }) => ({
    offset: start - partition.start,
    length,
    tag,
  }));
}

/**
 * Errors of `add` are those of addCapacity, of `release` those of releaseCapacity and forceRelease;
 * EINVAL: the text.
 */
export function addCapacityDebugfs(subsystem: CxlSubsystem, memdev: Memdev, owner: Devres): void {
  const capacity = memdev.hardware.dynamicCapacity;
  if (capacity === undefined) return;
  const event = (name: string, { start, length, tag }: DeviceExtent): void =>
    subsystem.kernel.log.print(
      'info',
      `cxl_dynamic_capacity: memdev=${memdev.name} event_type='${name}' starting_dpa=${hex(start)} length=${hex(length)} tag=${tag ?? ''}`,
    );
  const { root } = subsystem.kernel;
  const add = (request: CapacityRequest): void => {
    const extents = deviceExtents(capacity, request);
    for (const extent of extents) event('Add Capacity', extent);
    addCapacity(subsystem, memdev, capacity, extents);
  };
  const release = (request: CapacityRequest): void => {
    for (const extent of deviceExtents(capacity, request)) {
      event(request.force ? 'Forced Capacity Release' : 'Release Capacity', extent);
      if (request.force) forceRelease(subsystem, memdev, capacity, extent);
      else releaseCapacity(subsystem, capacity, extent);
    }
  };
  addBoxFile(root, CAPACITY_ADD, { store: add }, memdev.name);
  addBoxFile(root, CAPACITY_RELEASE, { store: release }, memdev.name);
  const show = (): Extent[] => partitionExtents(capacity);
  const directory = addBoxFile(root, CAPACITY_EXTENTS, { show }, memdev.name).parent;
  owner.add('capacity debugfs', () => directory?.parent?.remove(memdev.name));
}
