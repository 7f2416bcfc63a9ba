/**
 * Host physical addresses of a region (`size_store`, `alloc_hpa`, `free_hpa`, 7.2).
 */
import { KernelError } from '../../errno.ts';
import { NULL_UUID } from '../../kernfs/parse.ts';
import { CAPACITY_MULTIPLE } from '../address/interleave.ts';
import type { Region } from '../objects/region.ts';
import { REGION_STATE } from '../objects/region-state.ts';

/**
 * What a write to `size` does. EBUSY: sized already or past configuration; ENXIO: ways, granularity
 * or uuid missing; EINVAL: not a multiple of ways x 256 MiB; ERANGE: no room in the window.
 */
export function resizeRegion(region: Region, size: bigint): void {
  if (size === 0n) {
    freeHpa(region);
    return;
  }
  if (size === BigInt(region.size)) return;
  if (region.resource !== undefined || region.state >= REGION_STATE.interleaveActive) {
    throw new KernelError('EBUSY', `${region.name} has a size already, write 0 first`);
  }
  allocateHpa(region, size);
}

function allocateHpa(region: Region, size: bigint): void {
  const { interleaveWays: ways, root } = region;
  if (ways === 0 || region.interleaveGranularity === 0) {
    throw new KernelError(
      'ENXIO',
      `${region.name}: set interleave_ways and interleave_granularity first`,
    );
  }
  if (region.mode === 'pmem' && region.uuid === NULL_UUID) {
    throw new KernelError('ENXIO', `${region.name}: a persistent region needs a uuid first`);
  }
  if (size % BigInt(ways * CAPACITY_MULTIPLE) !== 0n) {
    throw new KernelError('EINVAL', `${region.name}: size must be a multiple of ${ways} x 256 MiB`);
  }
  const { window } = root;
  const { iomem } = region.context.mm;
  const fits = window !== undefined && size <= BigInt(window.end - window.start + 1);
  const start = fits ? iomem.firstFit(window, Number(size), CAPACITY_MULTIPLE) : undefined;
  if (window === undefined || start === undefined) {
    throw new KernelError(
      'ERANGE',
      `${region.name}: no room for ${size} bytes in the window of ${root.name}`,
    );
  }
  region.resource = iomem.insert(start, Number(size), region.name, { parent: window });
  region.state = REGION_STATE.interleaveActive;
}

/** free_hpa(): EBUSY once all targets are attached; without a size it is a no-op. */
function freeHpa(region: Region): void {
  if (region.resource === undefined) return;
  if (region.state >= REGION_STATE.active) {
    throw new KernelError('EBUSY', `${region.name} has all its targets, detach them first`);
  }
  releaseHpa(region);
  region.state = REGION_STATE.idle;
}

/** Drops the region from the physical map; what drivers left inside it moves up to the window. */
export function releaseHpa(region: Region): void {
  if (region.resource === undefined) return;
  region.context.mm.iomem.release(region.resource);
  region.resource = undefined;
}
