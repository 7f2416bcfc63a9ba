/**
 * Where Linux 7.2 brings itself down: resetting the decoders of a region whose memory holds the kernel's own data. The
 * recorded kernel panics a moment after the write; the model refuses the write instead (docs/not-simulated.md).
 */
import { KernelError } from '../errno.ts';
import type { Region } from './region.ts';

/** EBUSY while memory blocks of the region are online in a kernel zone. */
export function refuseWhileKernelMemory(region: Region, operation: string): void {
  const { resource } = region;
  if (resource === undefined || !region.committed) return;
  const { hotplug } = region.context.mm;
  if (!hotplug.hasOnlineKernelMemory(resource.start, region.size)) return;
  throw new KernelError(
    'EBUSY',
    `${operation} of ${region.name} refused: blocks of it are online in a kernel zone, Linux would crash; offline them first`,
  );
}
