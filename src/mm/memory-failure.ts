/**
 * Taking single pages out of use (`mm/memory-failure.c`, 7.2). Pages are counted, not tracked: whether one is free or
 * could be migrated is decided by the zone's figures and by the block's "unmovable" mark.
 */
import { KernelError } from '../errno.ts';
import { pfnOf } from './constants.ts';
import type { HotplugContext } from './hotplug-context.ts';
import { BLOCK_STATE, FLAG_UNMOVABLE } from './memory-block.ts';
import { NO_ZONE } from './zone.ts';

interface PagePlace {
  readonly pfn: number;
  readonly id: number;
}

function placeOf(context: HotplugContext, address: number): PagePlace {
  return { pfn: pfnOf(address), id: context.blocks.idOf(address) };
}

/** Poisons a page that is free or can be replaced by a free one. False: it cannot. */
function poison(context: HotplugContext, { pfn, id }: PagePlace): boolean {
  const { blocks, nodes } = context;
  const index = blocks.zone(id);
  if (index === NO_ZONE || blocks.hasFlag(id, FLAG_UNMOVABLE)) return false;
  const zone = nodes.node(blocks.nid(id)).zone(index);
  if (zone.free === 0) return false;
  zone.free -= 1;
  context.poison.add(id, pfn);
  return true;
}

/** soft_offline_page(): ENXIO without page structures; EIO if not online; EBUSY if the page cannot be replaced. */
export function softOfflinePage(context: HotplugContext, address: number): void {
  const place = placeOf(context, address);
  const { blocks } = context;
  if (!blocks.exists(place.id)) throw new KernelError('ENXIO', 'no page structure at this address');
  if (blocks.state(place.id) !== BLOCK_STATE.online) throw new KernelError('EIO', 'the page is not online');
  if (context.poison.has(place.id, place.pfn)) return;
  if (!poison(context, place)) throw new KernelError('EBUSY', 'the page cannot be migrated');
}

/**
 * memory_failure(): EBUSY for an address without page structures and for a page that cannot be recovered; ENXIO for
 * memory that is not online; EHWPOISON if the page is poisoned already.
 */
export function hardOfflinePage(context: HotplugContext, address: number): void {
  const place = placeOf(context, address);
  const { blocks, nodes } = context;
  if (!blocks.exists(place.id)) throw new KernelError('EBUSY', 'nothing is mapped at this address');
  if (blocks.state(place.id) !== BLOCK_STATE.online) {
    throw new KernelError('ENXIO', 'memory outside kernel control');
  }
  if (context.poison.has(place.id, place.pfn))
    throw new KernelError('EHWPOISON', 'the page is poisoned already');
  const failures = nodes.node(blocks.nid(place.id)).memoryFailures;
  failures.total += 1;
  if (!poison(context, place)) {
    failures.failed += 1;
    throw new KernelError('EBUSY', 'the page could not be recovered');
  }
  failures.recovered += 1;
}
