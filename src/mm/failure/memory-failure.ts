/**
 * Taking single pages out of use (`mm/memory-failure.c`, 7.2).
 */
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { pfnOf } from '../constants.ts';
import type { HotplugContext } from '../hotplug/context.ts';
import { BLOCK_STATE, FLAG_UNMOVABLE } from '../memory-block.ts';
import type { MemoryFailures } from '../node/numa-node.ts';
import type { PageOwner } from '../page-allocator/page-owner.ts';
import { ownerOfPage, poisonPage } from '../page-allocator/poison.ts';
import { accountPages } from '../zone/page-accounting.ts';
import { pagesOf, takeWhatFits } from '../zone/page-request.ts';
import type { Zone } from '../zone/zone.ts';

interface PagePlace {
  readonly pfn: number;
  readonly id: number;
}

function placeOf(context: HotplugContext, address: number): PagePlace {
  return { pfn: pfnOf(address), id: context.blocks.idOf(address) };
}

/** The zone of the page; a boot block may be in several. */
function zoneOf({ blocks, nodes }: HotplugContext, { pfn, id }: PagePlace): Zone | undefined {
  const zones = blocks.nodes(id).flatMap((nid) => [...nodes.node(nid).zones]);
  return zones.find(
    (zone) => zone.pages.table.use(id) !== 0 && zone.startPfn <= pfn && pfn < zone.endPfn,
  );
}

type PageUser = PageOwner | 'free' | 'reserved';

function userOf(context: HotplugContext, place: PagePlace, zone: Zone | undefined): PageUser {
  if (zone === undefined || context.blocks.hasFlag(place.id, FLAG_UNMOVABLE)) return 'reserved';
  return ownerOfPage(zone.pages, place.id, place.pfn - context.blocks.startPfn(place.id));
}

/** The page, free or its user's, is never used again. The user loses it. */
function poison(
  context: HotplugContext,
  { pfn, id }: PagePlace,
  zone: Zone,
  user: PageUser,
): number {
  const lost = poisonPage(zone.pages, id, pfn - context.blocks.startPfn(id));
  if (typeof user === 'object') accountPages(context.nodes, zone, user.kind, -lost);
  context.poison.add(id, pfn);
  return lost;
}

/**
 * A copy of the page's contents on another page, best on the same node
 * (`soft_offline_in_use_page`).
 */
function replace(context: HotplugContext, zone: Zone, owner: PageOwner): boolean {
  const { nodes, zonelists } = context;
  if (owner.kind.mobility !== 'movable') return false;
  const pages = 2 ** owner.kind.order;
  return pagesOf(takeWhatFits(nodes, { owner, pages, nodes: zonelists.order(zone.nid) })) === pages;
}

/**
 * soft_offline_page(): ENXIO without page structures; EIO if not online; EBUSY if the page cannot
 * be replaced.
 */
export function softOfflinePage(context: HotplugContext, address: number): void {
  const place = placeOf(context, address);
  const { blocks } = context;
  if (!blocks.exists(place.id)) throw new KernelError('ENXIO', 'no page structure at this address');
  if (blocks.state(place.id) !== BLOCK_STATE.online)
    throw new KernelError('EIO', 'the page is not online');
  if (context.poison.has(place.id, place.pfn)) return;
  const zone = zoneOf(context, place);
  const user = userOf(context, place, zone);
  const movable =
    user === 'free' || (user !== 'reserved' && zone !== undefined && replace(context, zone, user));
  if (zone === undefined || !movable)
    throw new KernelError('EBUSY', `page ${hex(place.pfn)} of ${labelOf(user)} cannot be migrated`);
  poison(context, place, zone, user);
}

function labelOf(user: PageUser): string {
  return typeof user === 'object' ? user.label : 'the memory reserved at boot';
}

/**
 * What memory_failure() does with a page: the counter that it ends in, and what the log calls the
 * page.
 */
function outcomeOf(user: PageUser): {
  readonly counter: keyof MemoryFailures;
  readonly what: string;
} {
  if (user === 'free') return { counter: 'recovered', what: 'free buddy page' };
  if (user === 'reserved') return { counter: 'failed', what: 'reserved kernel page' };
  if (user.kind.mobility === 'unmovable')
    return { counter: 'ignored', what: 'reserved kernel page' };
  if (user.kind.mobility === 'gigantic') return { counter: 'failed', what: 'huge page' };
  return {
    counter: 'recovered',
    what: user.kind.lru === undefined ? 'huge page' : 'dirty LRU page',
  };
}

const OUTCOME_WORDS: Partial<Record<keyof MemoryFailures, string>> = {
  recovered: 'Recovered',
  ignored: 'Ignored',
  failed: 'Failed',
};

/**
 * memory_failure(): EBUSY for an address without page structures and for a page that cannot be
 * recovered; ENXIO for memory that is not online; EHWPOISON if the page is poisoned already. The
 * user of a recovered page loses it: Linux kills the process, or reads the page cache again.
 */
export function hardOfflinePage(context: HotplugContext, address: number): void {
  const place = placeOf(context, address);
  const { blocks, nodes, kernel } = context;
  if (!blocks.exists(place.id)) throw new KernelError('EBUSY', 'nothing is mapped at this address');
  if (blocks.state(place.id) !== BLOCK_STATE.online) {
    throw new KernelError('ENXIO', 'memory outside kernel control');
  }
  if (context.poison.has(place.id, place.pfn)) {
    kernel.log.print('err', `Memory failure: ${hex(place.pfn)}: already hardware poisoned`);
    throw new KernelError('EHWPOISON', 'the page is poisoned already');
  }
  const failures = nodes.node(blocks.nid(place.id)).memoryFailures;
  const zone = zoneOf(context, place);
  const user = userOf(context, place, zone);
  const { counter, what } = outcomeOf(user);
  failures.total += 1;
  failures[counter] += 1;
  const lost =
    counter === 'recovered' && zone !== undefined ? poison(context, place, zone, user) : 0;
  const victim = lost > 0 ? `: ${labelOf(user)} lost ${lost} pages` : '';
  kernel.log.print(
    'err',
    `Memory failure: ${hex(place.pfn)}: recovery action for ${what}: ${OUTCOME_WORDS[counter] ?? counter}${victim}`,
  );
  if (counter !== 'recovered')
    throw new KernelError('EBUSY', `the page of ${labelOf(user)} could not be recovered`);
}

/**
 * Hardware tells of an uncorrected error at an address: memory_failure() of the page, if the kernel
 * uses it. Memory that is not online has no user to tell. What becomes of the page is in the log and
 * in the counters; the caller does not learn it.
 */
export function reportMemoryError(context: HotplugContext, address: number): void {
  const { blocks } = context;
  if (blocks.state(blocks.idOf(address)) !== BLOCK_STATE.online) return;
  try {
    hardOfflinePage(context, address);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}
