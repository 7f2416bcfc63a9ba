/**
 * What `regionN` shows and takes (`Documentation/ABI/testing/sysfs-bus-cxl`;
 * `drivers/cxl/core/region.c`, 7.2).
 */

import type { DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { hex } from '../../kernfs/format.ts';
import { kstrtobool, kstrtoint, kstrtoull, uuidIsValid } from '../../kernfs/parse.ts';
import { INTERLEAVE_WAYS, isPowerOfTwo, MAX_GRANULARITY } from '../address/interleave.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import { Region } from '../objects/region.ts';
import { REGION_STATE } from '../objects/region-state.ts';
import { REGION_FILES } from '../sources.ts';
import { commitRegion, decommitRegion } from './commit.ts';
import { ACCESS_GROUPS } from './performance.ts';
import { resizeRegion } from './size.ts';
import { refreshTargets, TARGET_GROUP } from './targets.ts';

const MIN_GRANULARITY = 256;
const NO_RESOURCE = '0xffffffffffffffff';

function refuseOnceSized(region: Region): void {
  if (region.state >= REGION_STATE.interleaveActive)
    throw new KernelError('EBUSY', `${region.name} has a size`);
}

function storeWays(region: Region, text: string): void {
  const ways = kstrtoint(text);
  const rootWays = region.root.interleaveWays;
  if (region.dynamic && ways > 1)
    throw new KernelError('EINVAL', `${region.name} is dynamic and cannot interleave`);
  if (!INTERLEAVE_WAYS.includes(ways))
    throw new KernelError('EINVAL', `${ways} interleave ways are not possible`);
  if (ways % rootWays !== 0 || !isPowerOfTwo(ways / rootWays)) {
    throw new KernelError(
      'EINVAL',
      `ways must be ${rootWays} (of the window) times a power of two`,
    );
  }
  refuseOnceSized(region);
  region.interleaveWays = ways;
  refreshTargets(region);
}

function storeGranularity(region: Region, text: string): void {
  const granularity = kstrtoint(text);
  if (
    !isPowerOfTwo(granularity) ||
    granularity < MIN_GRANULARITY ||
    granularity > MAX_GRANULARITY
  ) {
    throw new KernelError(
      'EINVAL',
      `granularity ${granularity} is not a power of two from 256 to 16384`,
    );
  }
  const { root } = region;
  if (root.interleaveWays > 1 && granularity !== root.interleaveGranularity) {
    throw new KernelError(
      'EINVAL',
      `granularity must be ${root.interleaveGranularity}, as the window has it`,
    );
  }
  refuseOnceSized(region);
  region.interleaveGranularity = granularity;
}

const UUID_BYTES = 37;

/** uuid_store(): exactly 36 characters and one more byte; unique among all regions of the bus. */
function storeUuid(region: Region, text: string): void {
  if (text.length !== UUID_BYTES || !uuidIsValid(text.slice(0, UUID_BYTES - 1)))
    throw new KernelError('EINVAL', 'not a uuid and a newline');
  const uuid = text.slice(0, UUID_BYTES - 1).toLowerCase();
  if (/^[0-]+$/.test(uuid)) throw new KernelError('EINVAL', 'the uuid must not be zero');
  if (uuid === region.uuid) return;
  if (region.state >= REGION_STATE.active)
    throw new KernelError('EBUSY', `${region.name} has all its targets`);
  for (const device of region.context.bus.list()) {
    if (isOtherRegionWith(device.object, region, uuid))
      throw new KernelError('EBUSY', `${device.name} has this uuid`);
  }
  region.uuid = uuid;
}

function isOtherRegionWith(object: unknown, region: Region, uuid: string): boolean {
  return object !== region && object instanceof Region && object.uuid === uuid;
}

const REGION_GROUP: AttributeGroup<Region> = {
  visible: (region, { name, mode }) => (name === 'uuid' && region.volatile ? 0o444 : mode),
  attributes: [
    {
      name: 'uuid',
      mode: 0o644,
      show: (region) => (region.volatile ? '\n' : `${region.uuid}\n`),
      store: storeUuid,
    },
    {
      name: 'commit',
      mode: 0o644,
      show: (region) => (region.committed ? '1\n' : '0\n'),
      store: (region, text) => (kstrtobool(text) ? commitRegion(region) : decommitRegion(region)),
    },
    {
      name: 'interleave_ways',
      mode: 0o644,
      show: (region) => `${region.interleaveWays}\n`,
      store: storeWays,
    },
    {
      name: 'interleave_granularity',
      mode: 0o644,
      show: (region) => `${region.interleaveGranularity}\n`,
      store: storeGranularity,
    },
    {
      name: 'resource',
      mode: 0o444,
      show: (region) =>
        `${region.resource === undefined ? NO_RESOURCE : hex(region.resource.start)}\n`,
    },
    {
      name: 'size',
      mode: 0o644,
      show: (region) => `${hex(region.size)}\n`,
      store: (region, text) => resizeRegion(region, kstrtoull(text)),
    },
    { name: 'mode', mode: 0o444, show: (region) => `${region.mode}\n` },
    { name: 'locked', mode: 0o444, show: (region) => (region.locked ? '1\n' : '0\n') },
  ],
};

export const REGION_TYPE: DeviceType<Region> = {
  name: 'cxl_region',
  source: REGION_FILES,
  groups: [identityGroup<Region>('cxl_region'), REGION_GROUP, TARGET_GROUP, ...ACCESS_GROUPS],
};
