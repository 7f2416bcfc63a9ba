/**
 * Offlining a memory block (`memory_block_offline`, `offline_pages`, 7.2). A failure leaves the
 * block online and its free pages in use again; pages that were migrated before it stay where they
 * went.
 *
 * Linux retries the migration until it succeeds or a signal comes (EINTR). The model is
 * synchronous, so nothing would ever change between two tries: what cannot move is answered with
 * EBUSY at once (docs/memory-model.md).
 */
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { BLOCK_STATE, FLAG_HOLES, FLAG_MOVABLE, FLAG_UNMOVABLE } from '../memory-block.ts';
import type { FoundPage } from '../page-allocator/isolation.ts';
import { firstUnmovable, isolateBlock, unisolateBlock } from '../page-allocator/isolation.ts';
import { shrinkZone } from '../zone/span.ts';
import type { Zone } from '../zone/zone.ts';
import { NO_ZONE } from '../zone/zone.ts';
import type { HotplugContext } from './context.ts';
import { emitBlock } from './context.ts';
import { migrateAway } from './page-migration.ts';

/**
 * device_offline() of a block. False if it is offline already. EINVAL: the block has several zones
 * or nodes, or holes; EBUSY: it holds a page that cannot move, or its pages in use fit nowhere
 * else.
 */
export function offlineBlock(context: HotplugContext, id: number): boolean {
  const { blocks } = context;
  const chunk = blocks.chunk(id);
  const row = blocks.row(id);
  if (chunk === undefined || chunk.state[row] !== BLOCK_STATE.online) return false;
  const zone = singleZone(context, id);
  assertMovable(context, id, zone);
  chunk.state[row] = BLOCK_STATE.goingOffline;
  try {
    empty(context, id, zone);
  } catch (error) {
    chunk.state[row] = BLOCK_STATE.online;
    throw error;
  }
  takeAway(context, id, zone);
  chunk.zone[row] = NO_ZONE;
  shrinkZone(blocks, zone, id);
  chunk.state[row] = BLOCK_STATE.offline;
  emitBlock(context.kernel, id, 'offline');
  return true;
}

function singleZone(context: HotplugContext, id: number): Zone {
  const { blocks, nodes } = context;
  const index = blocks.zone(id);
  if (index === NO_ZONE) throw new KernelError('EINVAL', `memory${id} spans zones or nodes`);
  if (blocks.hasFlag(id, FLAG_HOLES)) throw new KernelError('EINVAL', `memory${id} has holes`);
  return nodes.node(blocks.nid(id)).zone(index);
}

function busy(context: HotplugContext, reason: string): KernelError {
  context.kernel.log.print('warn', reason);
  return new KernelError('EBUSY', reason);
}

/** What keeps the block from being isolated, or undefined (`start_isolate_page_range`). */
export function unmovablePage(
  context: HotplugContext,
  id: number,
  zone: Zone,
): FoundPage | undefined {
  if (context.blocks.hasFlag(id, FLAG_MOVABLE)) return undefined;
  // In ZONE_MOVABLE only a reserved page is taken as unmovable; anything else is tried.
  return firstUnmovable(
    zone.pages,
    id,
    (owner) => zone.kernel && owner.kind.mobility === 'unmovable',
  );
}

/** In words: which page, and whose. */
export function describePage(
  context: HotplugContext,
  id: number,
  { offset, owner }: FoundPage,
): string {
  const pfn = context.blocks.startPfn(id) + offset;
  return `page ${hex(pfn)} of ${owner?.label ?? 'the memory reserved at boot'}`;
}

function assertMovable(context: HotplugContext, id: number, zone: Zone): void {
  if (context.blocks.hasFlag(id, FLAG_UNMOVABLE))
    throw busy(context, `memory${id}: offlining failed: it holds an unmovable page`);
  const found = unmovablePage(context, id, zone);
  if (found === undefined) return;
  throw busy(
    context,
    `memory${id}: offlining failed: ${describePage(context, id, found)} (zone ${zone.name} of node ${zone.nid}) is unmovable`,
  );
}

/** Isolates the block and moves away what is in use. */
function empty(context: HotplugContext, id: number, zone: Zone): void {
  isolateBlock(zone.pages, id);
  const [stuck] = migrateAway(context, id, zone, context.blocks.hasFlag(id, FLAG_MOVABLE));
  if (stuck === undefined) return;
  unisolateBlock(zone.pages, id);
  throw busy(
    context,
    `memory${id}: offlining failed: ${stuck.pages} pages of ${stuck.owner.label} ${stuck.why}; Linux would try until a signal`,
  );
}

function takeAway(context: HotplugContext, id: number, zone: Zone): void {
  const { blocks, nodes } = context;
  const pages = blocks.pagesPerBlock;
  zone.managed -= zone.pages.managed(id);
  zone.pages.removeBlock(id);
  zone.present -= pages;
  const group = context.groups.get(blocks.groupOf(id));
  if (group !== undefined) {
    if (zone.kernel) group.presentKernelPages -= pages;
    else group.presentMovablePages -= pages;
  }
  const node = nodes.node(zone.nid);
  if (node.presentKernel === 0) nodes.set('has_normal_memory', zone.nid, false);
  const isEmpty = node.present === 0;
  if (isEmpty) nodes.set('has_memory', zone.nid, false);
  if (!zone.populated) context.zonelists.rebuild();
  if (isEmpty) nodes.lostLastMemory(zone.nid);
}
