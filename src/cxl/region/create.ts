/**
 * Creating and deleting regions through a root decoder (`create_region`, `delete_region_store`,
 * 7.2).
 */
import { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { cString, sysfsStreq } from '../../kernfs/parse.ts';
import type { RootDecoder } from '../objects/decoder.ts';
import type { PartitionMode } from '../objects/partition.ts';
import { Region, type RegionContext } from '../objects/region.ts';
import { REGION_TYPE } from './attributes.ts';
import { detachDecoder } from './detach.ts';
import { refuseWhileKernelMemory } from './safety.ts';
import { releaseHpa } from './size.ts';

/**
 * sscanf("region%d"): white space before the number is skipped, what follows it is ignored. EINVAL.
 */
function scanRegionId(text: string): number {
  const match = /^region\s*([+-]?\d+)/.exec(cString(text));
  if (!match)
    throw new KernelError(
      'EINVAL',
      `not a region name: ${JSON.stringify(cString(text).slice(0, 40))}`,
    );
  return Number(match[1]);
}

/**
 * `create_ram_region`, `create_pmem_region`: a compare and swap on the next id. EINVAL, EBUSY: not
 * the next id.
 */
export function createRegionByName(
  context: RegionContext,
  root: RootDecoder,
  text: string,
  mode: PartitionMode,
): void {
  const id = scanRegionId(text);
  if (id !== root.cachedRegionId) {
    throw new KernelError('EBUSY', `${root.name}: the next region is region${root.cachedRegionId}`);
  }
  createRegion(context, root, mode);
}

/** Adds the next region of the window to the machine. */
export function createRegion(
  context: RegionContext,
  root: RootDecoder,
  mode: PartitionMode,
): Region {
  const region = new Region(context, root, root.cachedRegionId, mode);
  root.cachedRegionId = context.ids.allocate();
  root.regions.set(region.name, region);
  region.device = new Device<Region>(context.kernel, {
    name: region.name,
    object: region,
    parent: root.device,
    bus: context.bus,
    type: REGION_TYPE,
  });
  region.device.add();
  return region;
}

/** `delete_region`: ENODEV unless the text is exactly the name of a region of this root decoder. */
export function deleteRegionByName(root: RootDecoder, text: string): void {
  const region = root.regions.get(`region${scanRegionId(text)}`);
  if (region === undefined || !sysfsStreq(text, region.name)) {
    throw new KernelError(
      'ENODEV',
      `${root.name} has no region ${JSON.stringify(cString(text).slice(0, 40))}`,
    );
  }
  refuseWhileKernelMemory(region, 'deletion');
  deleteRegion(region);
}

/** unregister_region(): allowed in every state; DPA allocations and decoder modes survive. */
export function deleteRegion(region: Region): void {
  region.device?.del();
  for (const decoder of [...region.targets]) {
    if (decoder?.region === region) detachDecoder(decoder);
  }
  releaseHpa(region);
  region.root.regions.delete(region.name);
  releaseId(region);
}

/** cxl_region_release(): a lower id than the cached one becomes the cached one. */
function releaseId(region: Region): void {
  const { root, id, context } = region;
  if (id >= root.cachedRegionId) {
    context.ids.free(id);
    return;
  }
  context.ids.free(root.cachedRegionId);
  root.cachedRegionId = id;
}
