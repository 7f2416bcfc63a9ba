/**
 * `node<Y>/memory_side_cache/index<L>` (`node_add_cache`, 7.2).
 */

import { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { hex } from '../../kernfs/format.ts';
import type { MemorySideCache } from '../config.ts';
import { NODE_FILES } from '../sources.ts';
import type { NodeDevices } from './device.ts';

const CACHE_GROUP: AttributeGroup<MemorySideCache> = {
  source: NODE_FILES,
  attributes: [
    { name: 'indexing', mode: 0o444, show: (cache) => `${cache.indexing}\n` },
    { name: 'size', mode: 0o444, show: (cache) => `${cache.size}\n` },
    { name: 'line_size', mode: 0o444, show: (cache) => `${cache.lineSize}\n` },
    { name: 'write_policy', mode: 0o444, show: (cache) => `${cache.writePolicy}\n` },
    { name: 'address_mode', mode: 0o444, show: (cache) => `${hex(cache.addressMode ?? 0)}\n` },
  ],
};

export function addMemorySideCaches(
  kernel: Kernel,
  devices: NodeDevices,
  caches: readonly MemorySideCache[],
): void {
  const parents = new Map<number, Device>();
  for (const cache of caches) {
    const node = devices.device(cache.nid);
    if (node === undefined) continue;
    const parent =
      parents.get(cache.nid) ??
      new Device(kernel, {
        name: 'memory_side_cache',
        object: undefined,
        parent: node,
      }).add();
    parents.set(cache.nid, parent);
    new Device<MemorySideCache>(kernel, {
      name: `index${cache.level}`,
      object: cache,
      parent,
      groups: [CACHE_GROUP],
    }).add();
  }
}
