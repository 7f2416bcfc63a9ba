/**
 * Offlining a memory block (`memory_block_offline`, `offline_pages`, 7.2). Any failure leaves everything as it was.
 */
import { KernelError } from '../errno.ts';
import type { HotplugContext } from './hotplug-context.ts';
import { emitBlock } from './hotplug-context.ts';
import { BLOCK_STATE, FLAG_HOLES, FLAG_UNMOVABLE } from './memory-block.ts';
import { migrateAway } from './page-migration.ts';
import type { Zone } from './zone.ts';
import { NO_ZONE } from './zone.ts';
import { shrinkZone } from './zone-span.ts';

/**
 * device_offline() of a block. False if it is offline already. EINVAL: the block has several zones or nodes, or holes;
 * EBUSY: it holds a page that cannot move, or its pages in use fit nowhere else.
 */
export function offlineBlock(context: HotplugContext, id: number): boolean {
  const { blocks } = context;
  const chunk = blocks.chunk(id);
  const row = blocks.row(id);
  if (chunk === undefined || chunk.state[row] !== BLOCK_STATE.online) return false;
  const zone = singleZone(context, id);
  const usable = blocks.pagesPerBlock - (chunk.vmemmapPages[row] ?? 0);
  isolate(context, id, zone, usable);
  chunk.state[row] = BLOCK_STATE.goingOffline;
  takeAway(context, id, zone, usable);
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

/** start_isolate_page_range() and the migration of what is in use. */
function isolate(context: HotplugContext, id: number, zone: Zone, usable: number): void {
  if (context.blocks.hasFlag(id, FLAG_UNMOVABLE)) {
    throw new KernelError('EBUSY', `memory${id} holds an unmovable page`);
  }
  const healthy = usable - context.poison.ofBlock(id);
  if (zone.managed - usable < zone.unmovable) {
    throw new KernelError(
      'EBUSY',
      `zone ${zone.name} of node ${zone.nid} would not hold its unmovable pages`,
    );
  }
  migrateAway(context.nodes, zone, healthy - zone.free);
}

function takeAway(context: HotplugContext, id: number, zone: Zone, usable: number): void {
  const { blocks, nodes } = context;
  const pages = blocks.pagesPerBlock;
  zone.free -= usable - context.poison.ofBlock(id);
  zone.managed -= usable;
  zone.present -= pages;
  const group = context.groups.get(blocks.chunk(id)?.group[blocks.row(id)] ?? 0);
  if (group !== undefined) {
    if (zone.kernel) group.presentKernelPages -= pages;
    else group.presentMovablePages -= pages;
  }
  const node = nodes.node(zone.nid);
  if (node.presentKernel === 0) nodes.set('has_normal_memory', zone.nid, false);
  const empty = node.present === 0;
  if (empty) nodes.set('has_memory', zone.nid, false);
  if (!zone.populated) context.zonelists.rebuild();
  if (empty) nodes.lostLastMemory(zone.nid);
}
