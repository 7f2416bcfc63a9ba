/**
 * Attaching an endpoint decoder to a position of a region (`cxl_region_attach`, 7.2): the checks in
 * the kernel's order, and the reference that each port on the way keeps.
 */
import { KernelError } from '../../errno.ts';
import { canInterleave } from '../address/interleave.ts';
import type { EndpointDecoder, SwitchDecoder } from '../objects/decoder.ts';
import type { Port } from '../objects/port.ts';
import type { Region } from '../objects/region.ts';
import { RegionReference } from '../objects/region-reference.ts';
import { REGION_STATE } from '../objects/region-state.ts';
import { accumulateCoordinates } from './performance.ts';
import { setUpTargets } from './setup.ts';
import { dportToward, portsUpward, rootDport } from './topology.ts';

/** One condition of attach_target(): the first that holds refuses with its errno. */
interface Refusal {
  readonly errno: 'ENODEV' | 'EINVAL' | 'EBUSY' | 'ENXIO';
  readonly reason: string;
  readonly holds: (region: Region, decoder: EndpointDecoder, position: number) => boolean;
}

function dpaSize(decoder: EndpointDecoder): number {
  return decoder.dpa?.size ?? 0;
}

const BEFORE_COORDINATES: readonly Refusal[] = [
  {
    errno: 'ENXIO',
    reason: 'the endpoint cannot interleave that many ways at this granularity',
    holds: ({ interleaveWays, interleaveGranularity }) =>
      interleaveWays > 0 &&
      interleaveGranularity > 0 &&
      !canInterleave(interleaveWays, interleaveGranularity),
  },
  {
    errno: 'ENODEV',
    reason: 'the decoder has no mode',
    holds: (_, decoder) => decoder.mode === 'none',
  },
  {
    errno: 'EINVAL',
    reason: 'the decoder has another mode',
    holds: (region, decoder) => decoder.mode !== region.mode,
  },
  {
    errno: 'EBUSY',
    reason: 'the region is complete',
    holds: (region) => region.state > REGION_STATE.interleaveActive,
  },
  {
    errno: 'ENXIO',
    reason: 'the region has no size',
    holds: (region) => region.state < REGION_STATE.interleaveActive,
  },
  {
    errno: 'EINVAL',
    reason: 'all positions are filled',
    holds: (region) => region.attached().length >= region.interleaveWays,
  },
  {
    errno: 'ENXIO',
    reason: 'the host bridge is not below this root',
    holds: (region, decoder) => rootDport(decoder)?.port !== region.root.port,
  },
  {
    errno: 'ENXIO',
    reason: 'expander and accelerator do not mix',
    holds: (region, decoder) => decoder.targetType !== region.root.targetType,
  },
  {
    errno: 'ENXIO',
    reason: 'the decoder has no DPA',
    holds: (_, decoder) => decoder.dpa === undefined,
  },
  {
    errno: 'EINVAL',
    reason: 'dpa_size x ways is not the size of the region',
    holds: (region, decoder) => dpaSize(decoder) * region.interleaveWays !== region.size,
  },
];

const AFTER_COORDINATES: readonly Refusal[] = [
  {
    errno: 'EINVAL',
    reason: 'the region was assembled by firmware',
    holds: (region) => region.auto,
  },
  {
    errno: 'ENXIO',
    reason: 'no such position',
    holds: (region, _, position) => position >= region.interleaveWays,
  },
  {
    errno: 'EBUSY',
    reason: 'the position is taken',
    holds: (region, _, position) => region.targets[position] !== undefined,
  },
  {
    errno: 'EBUSY',
    reason: 'the memory device has another position already',
    holds: (region, decoder) => region.attached().some((each) => each.port === decoder.port),
  },
  {
    errno: 'ENXIO',
    reason: 'the host bridge is not the one that the window interleaves at this position',
    holds: (region, decoder, position) =>
      region.root.targets[position % region.root.interleaveWays] !== rootDport(decoder),
  },
];

function refuse(
  refusals: readonly Refusal[],
  region: Region,
  decoder: EndpointDecoder,
  position: number,
): void {
  const refusal = refusals.find((each) => each.holds(region, decoder, position));
  if (refusal === undefined) return;
  throw new KernelError(
    refusal.errno,
    `${region.name} target${position} = ${decoder.name}: ${refusal.reason}`,
  );
}

/**
 * Attaches `decoder` at `position`. When the last position is filled the switch decoders are set
 * up; if that fails the target stays recorded and the region incomplete.
 */
export function attachTarget(region: Region, decoder: EndpointDecoder, position: number): void {
  refuse(BEFORE_COORDINATES, region, decoder, position);
  accumulateCoordinates(region, decoder);
  refuse(AFTER_COORDINATES, region, decoder, position);
  attachPorts(region, decoder);
  region.targets[position] = decoder;
  decoder.position = position;
  if (region.attached().length === region.interleaveWays) {
    setUpTargets(region);
    region.state = REGION_STATE.active;
  }
  decoder.interleaveWays = region.interleaveWays;
  decoder.interleaveGranularity = region.interleaveGranularity;
  decoder.hpa = { start: region.resource?.start ?? 0, size: region.size };
}

/** References at every port from the endpoint to the host bridge, or none. */
export function attachPorts(region: Region, decoder: EndpointDecoder): void {
  const done: Port[] = [];
  for (const port of portsUpward(decoder)) {
    try {
      attachPort(port, region, decoder);
      done.push(port);
    } catch (error) {
      for (const each of done) detachPort(each, region, decoder);
      throw error;
    }
  }
}

/**
 * cxl_port_attach_region(): EBUSY without a usable decoder, ENXIO when the decoder has too few
 * slots.
 */
function attachPort(port: Port, region: Region, decoder: EndpointDecoder): void {
  const known = port.regionReferences.get(region.name);
  const reference = known ?? newReference(port, region, decoder);
  const dport = dportToward(port, decoder);
  const shared = [...reference.endpoints].some((each) => dportToward(port, each) === dport);
  if (known === undefined) port.regionReferences.set(region.name, reference);
  reference.endpoints.add(decoder);
  reference.decoder.region = region;
  if (!shared && dport !== undefined) reference.targets += 1;
  const target = reference.decoder;
  if (target.kind === 'switch' && reference.targets > target.slots) {
    detachPort(port, region, decoder);
    throw new KernelError('ENXIO', `${target.name} has only ${target.slots} targets`);
  }
}

function newReference(port: Port, region: Region, decoder: EndpointDecoder): RegionReference {
  for (const other of port.regionReferences.values()) {
    if ((other.region.resource?.start ?? 0) > (region.resource?.start ?? 0) && !other.region.auto) {
      throw new KernelError(
        'EBUSY',
        `${port.name}: ${other.region.name} lies above ${region.name}, decode order violated`,
      );
    }
  }
  const taken = port.kind === 'endpoint' ? decoder : freeDecoder(port, region);
  if (taken === undefined)
    throw new KernelError('EBUSY', `${port.name} has no free decoder for ${region.name}`);
  if (taken.region !== undefined) {
    throw new KernelError('EBUSY', `${taken.name} belongs to ${taken.region.name} already`);
  }
  return new RegionReference(region, taken);
}

/**
 * match_free_decoder(): the one after the last committed, not owned, with all lower ones enabled.
 */
function freeDecoder(port: Port, region: Region): SwitchDecoder | undefined {
  const switches = port.decoders.filter((each) => each.kind === 'switch');
  if (region.auto) return matchingCommitted(switches, region);
  const next = switches.find((each) => each.id === port.commitEnd + 1);
  if (next === undefined || next.region !== undefined) return undefined;
  return switches.every((each) => each.id >= next.id || each.enabled) ? next : undefined;
}

/** match_auto_decoder(): firmware's decoder is the one with exactly the region's range. */
function matchingCommitted(
  switches: readonly SwitchDecoder[],
  region: Region,
): SwitchDecoder | undefined {
  const inRange = switches.find(
    (each) =>
      each.hpa.start === region.resource?.start &&
      each.hpa.size === region.size &&
      each.region === undefined,
  );
  return inRange ?? switches.find((each) => each.passthrough);
}

/**
 * cxl_port_detach_region(): the reference goes with its last endpoint; the decoder keeps its stale
 * figures.
 */
export function detachPort(port: Port, region: Region, decoder: EndpointDecoder): void {
  const reference = port.regionReferences.get(region.name);
  if (reference === undefined || !reference.endpoints.delete(decoder)) return;
  const dport = dportToward(port, decoder);
  const shared = [...reference.endpoints].some((each) => dportToward(port, each) === dport);
  if (!shared && dport !== undefined) reference.targets -= 1;
  if (reference.endpoints.size > 0) return;
  port.regionReferences.delete(region.name);
  if (reference.decoder.region === region) reference.decoder.region = undefined;
}
