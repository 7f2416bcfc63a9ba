/**
 * Regions that firmware made: endpoint decoders found committed at enumeration are gathered into
 * the region that they describe (`cxl_add_to_region`, 7.2).
 */
import { attachDevice } from '../../driver-core/attach.ts';
import { KernelError } from '../../errno.ts';
import type { EndpointDecoder, RootDecoder } from '../objects/decoder.ts';
import type { HpaRange } from '../objects/hpa-range.ts';
import type { Dport, Port } from '../objects/port.ts';
import type { Region, RegionContext } from '../objects/region.ts';
import { REGION_STATE } from '../objects/region-state.ts';
import { attachPorts } from '../region/attach.ts';
import { createRegion } from '../region/create.ts';
import { accumulateCoordinates } from '../region/performance.ts';
import { setUpTargets } from '../region/setup.ts';
import { refreshTargets } from '../region/targets.ts';

function contains(root: RootDecoder, range: HpaRange): boolean {
  return (
    range.start >= root.hpa.start && range.start + range.size <= root.hpa.start + root.hpa.size
  );
}

/**
 * A decoder outside every window is left alone and logged; so is one that does not fit its region.
 */
export function addToAutoRegion(
  context: RegionContext,
  roots: readonly RootDecoder[],
  decoder: EndpointDecoder,
): void {
  const { log } = context.kernel;
  const root = roots.find((each) => contains(each, decoder.hpa));
  if (root === undefined) {
    log.print('err', `${decoder.name}: no CXL window for its committed range`);
    return;
  }
  try {
    join(findOrMake(context, root, decoder), decoder);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    log.print('err', `${decoder.name}: not added to a region: ${error.message}`);
  }
}

function findOrMake(context: RegionContext, root: RootDecoder, decoder: EndpointDecoder): Region {
  for (const region of root.regions.values()) {
    if (region.resource?.start === decoder.hpa.start && region.size === decoder.hpa.size)
      return region;
  }
  const region = createRegion(context, root, decoder.mode === 'pmem' ? 'pmem' : 'ram');
  const parent = root.window === undefined ? {} : { parent: root.window };
  region.auto = true;
  region.interleaveWays = decoder.interleaveWays;
  region.interleaveGranularity = decoder.interleaveGranularity;
  region.resource = context.mm.iomem.insert(
    decoder.hpa.start,
    decoder.hpa.size,
    region.name,
    parent,
  );
  region.state = REGION_STATE.interleaveActive;
  region.locked ||= decoder.locked;
  refreshTargets(region);
  return region;
}

function join(region: Region, decoder: EndpointDecoder): void {
  const slot = Array.from({ length: region.interleaveWays }, (_, at) => at).find(
    (at) => region.targets[at] === undefined,
  );
  if (slot === undefined) throw new KernelError('EBUSY', `${region.name} is complete already`);
  region.targets[slot] = decoder;
  decoder.position = slot;
  accumulateCoordinates(region, decoder);
  if (region.attached().length === region.interleaveWays) assemble(region);
}

/**
 * All targets arrived: sorts them by where the address bits lead, checks the switches, binds the
 * region's driver.
 */
function assemble(region: Region): void {
  const sorted = region.attached().sort((a, b) => positionOf(region, a) - positionOf(region, b));
  for (const [position, decoder] of sorted.entries()) {
    region.targets[position] = decoder;
    decoder.position = position;
  }
  for (const decoder of sorted) attachPorts(region, decoder);
  setUpTargets(region);
  region.state = REGION_STATE.commit;
  const { device } = region;
  if (device !== undefined) attachDevice(device, region.context.bus.drivers, 'requested');
}

/**
 * cxl_calc_interleave_pos(): position in the parent's targets, weighted level by level up to the
 * root.
 */
function positionOf(region: Region, decoder: EndpointDecoder): number {
  let position = 0;
  for (let port: Port = decoder.port; port.parent !== undefined; port = port.parent) {
    const { ways, targets } = interleaveAt(port.parent, region);
    const index = port.parentDport === undefined ? -1 : targets.indexOf(port.parentDport);
    if (index < 0)
      throw new KernelError('ENXIO', `${port.name} is not a target of ${port.parent.name}`);
    position = position * ways + index;
  }
  return position;
}

function interleaveAt(
  port: Port,
  region: Region,
): { ways: number; targets: readonly (Dport | undefined)[] } {
  if (port.kind === 'root')
    return { ways: region.root.interleaveWays, targets: region.root.targets };
  const switches = port.decoders.filter((each) => each.kind === 'switch');
  const decoder =
    switches.find(
      (each) => each.hpa.start === region.resource?.start && each.hpa.size === region.size,
    ) ?? switches.find((each) => each.passthrough);
  if (decoder === undefined)
    throw new KernelError('ENXIO', `${port.name} has no decoder for ${region.name}`);
  return { ways: decoder.interleaveWays, targets: decoder.targets };
}
