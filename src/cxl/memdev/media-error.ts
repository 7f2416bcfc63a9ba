/**
 * From a place in the media to the memory that the kernel has there: what a device's report of an
 * uncorrected error leads to.
 */
import { hex } from '../../kernfs/format.ts';
import { reportMemoryError } from '../../mm/failure/memory-failure.ts';
import { dpaToHpa } from '../address/address.ts';
import type { Memdev } from '../objects/memdev.ts';
import { hardwareName } from '../objects/memory-hardware.ts';
import type { Region } from '../objects/region.ts';

interface MappedPlace {
  readonly region: Region;
  readonly hpa: number;
}

/** Where a committed region maps the place, if one does. */
function mappedPlace(memdev: Memdev, dpa: number): MappedPlace | undefined {
  for (const decoder of memdev.endpoint?.decoders ?? []) {
    const region = decoder.kind === 'endpoint' ? decoder.region : undefined;
    const map = region?.committed ? region.context.mapOf(region) : undefined;
    const hpa = map && dpaToHpa(map, hardwareName(memdev.hardware.config), dpa);
    if (region !== undefined && hpa !== undefined) return { region, hpa };
  }
  return undefined;
}

/**
 * The kernel learns of an uncorrected error in the 64 bytes at `dpa`: memory_failure() where they
 * are system memory.
 */
export function reportMediaError(memdev: Memdev, dpa: number): void {
  const place = mappedPlace(memdev, dpa);
  if (place === undefined) return;
  const { region, hpa } = place;
  const { mm, kernel } = region.context;
  if (!mm.hotplug.hasOnlineMemory(hpa, 1)) return;
  const where = `${memdev.name} dpa ${hex(dpa)}, ${region.name}`;
  kernel.log.print('err', `Hardware error: uncorrected memory error at ${hex(hpa)} (${where})`);
  reportMemoryError(mm.hotplug.context, hpa);
}
