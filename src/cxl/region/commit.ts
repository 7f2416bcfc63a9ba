/**
 * Programming and resetting the decoders of a region (`commit_store`, `cxl_region_decode_commit`,
 * 7.2).
 */
import { releaseDriver } from '../../driver-core/attach.ts';
import { KernelError } from '../../errno.ts';
import { commitDecoder, resetDecoder } from '../decoder/hdm.ts';
import type { EndpointDecoder, SwitchDecoder } from '../objects/decoder.ts';
import type { Region } from '../objects/region.ts';
import { REGION_STATE } from '../objects/region-state.ts';
import { refuseWhileKernelMemory } from './safety.ts';
import { portsUpward } from './topology.ts';

/** Endpoint first, host bridge last. A passthrough decoder has nothing to program. */
function decodersUpward(
  region: Region,
  target: EndpointDecoder,
): (EndpointDecoder | SwitchDecoder)[] {
  const decoders = portsUpward(target).map(
    (port) => port.regionReferences.get(region.name)?.decoder,
  );
  return decoders
    .filter((each) => each !== undefined)
    .filter((each) => each.kind === 'endpoint' || !each.passthrough);
}

/**
 * `commit` = 1. ENXIO: not all targets, or processor caches cannot be invalidated; EBUSY: out of
 * order.
 */
export function commitRegion(region: Region): void {
  if (region.state >= REGION_STATE.commit) return;
  if (region.state < REGION_STATE.active)
    throw new KernelError('ENXIO', `${region.name} lacks targets`);
  if (!region.context.cpuCacheInvalidation) {
    region.context.kernel.log.print('warn', `cxl ${region.name}: the CPU caches cannot be flushed`);
    throw new KernelError(
      'ENXIO',
      `${region.name}: processor caches cannot be invalidated under a hypervisor`,
    );
  }
  programDecoders(region);
  region.state = REGION_STATE.commit;
}

function programDecoders(region: Region): void {
  const programmed: (EndpointDecoder | SwitchDecoder)[] = [];
  for (const target of region.attached()) {
    for (const decoder of decodersUpward(region, target)) {
      if (decoder.enabled) continue;
      try {
        commitDecoder(decoder);
      } catch (error) {
        for (const each of programmed.reverse()) resetDecoder(each);
        throw error;
      }
      programmed.push(decoder);
    }
  }
}

/**
 * cxl_region_decode_reset(): last position first, host bridge before endpoint. Locked regions stay
 * programmed.
 */
export function resetDecoders(region: Region): void {
  if (region.locked) return;
  for (const target of region.attached().reverse()) {
    for (const decoder of decodersUpward(region, target).reverse()) resetDecoder(decoder);
  }
}

/**
 * `commit` = 0: the driver goes first, then the decoders. EPERM: locked region. Never refused
 * otherwise by Linux.
 */
export function decommitRegion(region: Region): void {
  if (region.locked) throw new KernelError('EPERM', `${region.name} is locked`);
  refuseWhileKernelMemory(region, 'commit 0');
  const wasCommitted = region.committed;
  if (wasCommitted) region.state = REGION_STATE.resetPending;
  if (region.device !== undefined) releaseDriver(region.device);
  if (!wasCommitted) return;
  resetDecoders(region);
  region.state = REGION_STATE.active;
}
