/**
 * Final set-up of the switch decoders when a region has all its targets
 * (`cxl_region_setup_targets`, 7.2).
 */
import { KernelError } from '../../errno.ts';
import {
  canInterleave,
  isPowerOfTwo,
  MAX_GRANULARITY,
  MAX_PORT_WAYS,
  routingWays,
} from '../address/interleave.ts';
import type { EndpointDecoder, SwitchDecoder } from '../objects/decoder.ts';
import type { Port } from '../objects/port.ts';
import type { Region } from '../objects/region.ts';
import type { RegionReference } from '../objects/region-reference.ts';
import { dportToward, portsUpward } from './topology.ts';

/** EINVAL, ENXIO: the targets cannot be routed; the switch decoders then show no range. */
export function setUpTargets(region: Region): void {
  try {
    for (const decoder of region.attached()) {
      for (const port of portsUpward(decoder).reverse()) setUpPort(port, region, decoder);
    }
  } catch (error) {
    tearDownTargets(region);
    throw error;
  }
}

function setUpPort(port: Port, region: Region, decoder: EndpointDecoder): void {
  const reference = port.regionReferences.get(region.name);
  if (reference === undefined || reference.decoder.kind !== 'switch') return;
  if (!isPowerOfTwo(reference.targets)) {
    throw new KernelError(
      'EINVAL',
      `${port.name}: ${reference.targets} targets are not a power of two`,
    );
  }
  const target = reference.decoder;
  if (reference.targetsSet === 0) setUpDecoder(port, region, reference, target);
  placeTarget(port, region, decoder, reference, target);
}

/**
 * The interleave of the level above: of the region for a host bridge, else of the parent port's
 * decoder.
 */
function parentInterleave(port: Port, region: Region): { ways: number; granularity: number } {
  const parent = port.parent?.regionReferences.get(region.name)?.decoder;
  if (parent === undefined)
    return { ways: region.root.interleaveWays, granularity: region.interleaveGranularity };
  return { ways: parent.interleaveWays, granularity: parent.interleaveGranularity };
}

function setUpDecoder(
  port: Port,
  region: Region,
  reference: RegionReference,
  target: SwitchDecoder,
): void {
  const ways = reference.targets;
  if (ways > MAX_PORT_WAYS || ways > target.slots) {
    throw new KernelError('ENXIO', `${target.name} cannot interleave over ${ways} targets`);
  }
  const parent = parentInterleave(port, region);
  const granularity = parent.granularity * routingWays(parent.ways);
  if (granularity > MAX_GRANULARITY) {
    throw new KernelError('EINVAL', `${target.name} would need a granularity of ${granularity}`);
  }
  if (!canInterleave(ways, granularity)) {
    throw new KernelError(
      'ENXIO',
      `${target.name} cannot interleave ${ways} ways at ${granularity} bytes`,
    );
  }
  if (region.auto) return;
  target.interleaveWays = ways;
  target.interleaveGranularity = granularity;
  target.hpa = { start: region.resource?.start ?? 0, size: region.size };
}

/** How far apart two positions must be that share a downstream link of `port`. */
function sharingDistance(port: Port, region: Region): number {
  let distance = region.root.interleaveWays;
  for (let at: Port | undefined = port; at !== undefined && at.kind !== 'root'; at = at.parent) {
    distance *= at.regionReferences.get(region.name)?.targets ?? 1;
  }
  return distance;
}

function placeTarget(
  port: Port,
  region: Region,
  decoder: EndpointDecoder,
  reference: RegionReference,
  target: SwitchDecoder,
): void {
  const dport = dportToward(port, decoder);
  const placed = target.targets.slice(0, reference.targetsSet).includes(dport);
  if (placed) {
    const peer = region.targets[decoder.position - sharingDistance(port, region)];
    if (peer !== undefined && dportToward(port, peer) === dport) return;
    throw new KernelError(
      'ENXIO',
      `${port.name}: ${decoder.name} is at the wrong position to share its link`,
    );
  }
  if (region.auto) {
    if (target.targets[reference.targetsSet] !== dport) {
      throw new KernelError(
        'ENXIO',
        `${target.name}: firmware's target list does not fit ${region.name}`,
      );
    }
  } else {
    target.targets[reference.targetsSet] = dport;
    target.targets.length = Math.max(reference.targets, reference.targetsSet + 1);
  }
  reference.targetsSet += 1;
}

/**
 * cxl_region_teardown_targets(): the switch decoders still in use lose their range; firmware's keep
 * it.
 */
export function tearDownTargets(region: Region): void {
  if (region.auto) return;
  for (const decoder of region.attached()) {
    for (const port of portsUpward(decoder)) {
      const reference = port.regionReferences.get(region.name);
      if (reference?.decoder.kind !== 'switch') continue;
      reference.targetsSet = 0;
      reference.decoder.hpa = { start: 0, size: 0 };
    }
  }
}
