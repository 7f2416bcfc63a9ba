/**
 * `dax_region/`: the files of a dax region in its parent's directory (`dax_region_attributes` of
 * `drivers/dax/bus.c`, 7.2). Reading `seed` or `create` right after the producer made its device
 * gives an empty line: only devices made through `create` count.
 */

import { KernelError } from '../errno.ts';
import type { Attribute, AttributeGroup } from '../kernfs/attribute.ts';
import { deviceName, kstrtoint } from '../kernfs/parse.ts';
import type { DaxRegion } from './dax-region.ts';
import { DAX_FILES } from './sources.ts';

/** create_store(). EINVAL, ERANGE: no number; EINVAL: not 1; ENOSPC: nothing is available. */
function create(region: DaxRegion, text: string): void {
  if (kstrtoint(text) !== 1) throw new KernelError('EINVAL', 'one device at a time can be created');
  if (region.available === 0)
    throw new KernelError('ENOSPC', `${region.name} has nothing available`);
  region.createSeed();
}

/**
 * delete_store(). ENXIO: no such device in this region; EBUSY: it is bound or has a size, or it is
 * the first device, which stays as long as the region.
 */
function remove(region: DaxRegion, text: string): void {
  const name = deviceName(text);
  const victim = region.devices.find((dax) => dax.name === name);
  if (victim === undefined) throw new KernelError('ENXIO', `no device '${name}' in ${region.name}`);
  if (victim.device.driver !== undefined || victim.size > 0)
    throw new KernelError('EBUSY', `${name} is in use`);
  if (victim.id === 0)
    throw new KernelError('EBUSY', `${name} is the region's first device and cannot be deleted`);
  victim.unregister();
}

const DYNAMIC_ONLY: ReadonlySet<string> = new Set(['available_size', 'create', 'seed', 'delete']);

const ATTRIBUTES: readonly Attribute<DaxRegion>[] = [
  { name: 'id', mode: 0o444, show: (region) => `${region.id}\n` },
  { name: 'size', mode: 0o444, show: (region) => `${region.size}\n` },
  { name: 'align', mode: 0o400, show: (region) => `${region.align}\n` },
  { name: 'available_size', mode: 0o444, show: (region) => `${region.available}\n` },
  { name: 'seed', mode: 0o444, show: (region) => `${region.seed?.name ?? ''}\n` },
  {
    name: 'create',
    mode: 0o644,
    show: (region) => `${region.youngest?.name ?? ''}\n`,
    store: create,
  },
  { name: 'delete', mode: 0o200, store: remove },
];

export const DAX_REGION_GROUP: AttributeGroup<DaxRegion> = {
  name: 'dax_region',
  source: DAX_FILES,
  attributes: ATTRIBUTES,
  visible: (region, { name, mode }) => (region.static && DYNAMIC_ONLY.has(name) ? 0 : mode),
};
