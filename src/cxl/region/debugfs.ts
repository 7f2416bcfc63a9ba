/**
 * debugfs `cxl/regionN/`, there while cxl_region is bound and every member can list its poison
 * (`cxl_region_debugfs_poison_inject`, 7.2).
 */

import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import { kstrtoull } from '../../kernfs/parse.ts';
import { hpaToDpa } from '../address/address.ts';
import { CXL_DEBUGFS } from '../memdev/debugfs.ts';
import { clearPoison, hasPoison, injectPoison } from '../memdev/poison.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { Region } from '../objects/region.ts';
import { DEBUGFS_FILES } from '../sources.ts';

interface Place {
  readonly memdev: Memdev;
  readonly dpa: bigint;
}

/**
 * Where an offset into the region is. EINVAL: beyond its size; ENXIO: the region lacks a target.
 */
function placeOf(region: Region, offset: bigint): Place {
  if (offset >= BigInt(region.size)) {
    throw new KernelError('EINVAL', `${region.name}: offset ${hex(offset)} is beyond its size`);
  }
  const map = region.context.mapOf(region);
  const place = map === undefined ? undefined : hpaToDpa(map, map.start + Number(offset));
  const memdev = place === undefined ? undefined : region.targets[place.position]?.port.memdev;
  if (place === undefined || memdev === undefined)
    throw new KernelError('ENXIO', `${region.name} lacks a target`);
  return { memdev, dpa: BigInt(place.dpa) };
}

const FILES: readonly {
  readonly name: string;
  readonly apply: (memdev: Memdev, dpa: bigint) => void;
}[] = [
  { name: 'inject_poison', apply: injectPoison },
  { name: 'clear_poison', apply: clearPoison },
];

/** The directory goes with the driver of `device`. */
export function addRegionDebugfs(device: Device, region: Region): void {
  const members = region.attached().map(({ port }) => port.memdev);
  if (!members.every((memdev) => memdev !== undefined && hasPoison(memdev))) return;
  const parent = device.kernel.directory(CXL_DEBUGFS);
  const directory = parent.addDirectory(region.name);
  device.devres.add('debugfs', () => parent.remove(region.name));
  for (const { name, apply } of FILES) {
    const store = (text: string): void => {
      const { memdev, dpa } = placeOf(region, kstrtoull(text));
      apply(memdev, dpa);
    };
    directory.add(
      new KernfsFile(name, 0o200, { store, source: DEBUGFS_FILES }, { size: 0, storesEmpty: true }),
    );
  }
}
