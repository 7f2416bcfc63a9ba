/**
 * Onlining a memory block (`memory_block_online`, `online_pages`, 7.2).
 *
 * The order matters to observers: zone spans, counters, masks, node listeners (tiers and their
 * uevents), state, uevent. All that may fail comes first, so that nothing has to be undone; in the
 * kernel the range leaves its zone again.
 */
import { KernelError } from '../../errno.ts';
import { BLOCK_STATE } from '../memory-block.ts';
import type { Zone } from '../zone/zone.ts';
import type { HotplugContext } from './context.ts';
import { emitBlock } from './context.ts';
import type { OnlineType } from './online-type.ts';
import { ONLINE_TYPES } from './online-type.ts';

/** Indices into ONLINE_TYPES. */
const LATCH_NONE = 0;
const LATCH_PLAIN = 1;

/**
 * The type that a state write asked for stays with the block until the next attempt to online it.
 */
export function latchOnlineType(context: HotplugContext, id: number, type: OnlineType): void {
  const chunk = context.blocks.chunk(id);
  if (chunk !== undefined) chunk.latchedType[context.blocks.row(id)] = ONLINE_TYPES.indexOf(type);
}

/**
 * device_online() of a block: uses and clears the latched type. False if the block is online
 * already. EHWPOISON: it contains poisoned pages.
 */
export function onlineBlock(context: HotplugContext, id: number): boolean {
  const { blocks } = context;
  const chunk = blocks.chunk(id);
  const row = blocks.row(id);
  if (chunk === undefined || chunk.state[row] === BLOCK_STATE.online) return false;
  const latched = chunk.latchedType[row] || LATCH_PLAIN;
  chunk.latchedType[row] = LATCH_NONE;
  onlinePages(context, id, ONLINE_TYPES[latched] ?? 'online');
  chunk.state[row] = BLOCK_STATE.online;
  emitBlock(context.kernel, id, 'online');
  context.wentOnline.pass(id);
  return true;
}

function onlinePages(context: HotplugContext, id: number, type: OnlineType): void {
  const { blocks, nodes, steps } = context;
  steps.pass('online:poison');
  if (context.poison.ofBlock(id) > 0)
    throw new KernelError('EHWPOISON', `memory${id} contains poisoned pages`);
  const chunk = blocks.chunk(id);
  if (chunk === undefined) return;
  const row = blocks.row(id);
  const nid = blocks.nid(id);
  const startPfn = blocks.startPfn(id);
  const pages = blocks.pagesPerBlock;
  const group = context.groups.get(blocks.groupOf(id));
  const zone = context.policies.zoneFor(type, { nid, startPfn, pages, group });
  const usable = pages - (chunk.vmemmapPages[row] ?? 0);
  if (usable < pages) steps.pass('online:memmap-on-memory');
  const first = !nodes.hasMemory(nid);
  if (first) steps.pass('online:node-notifier');
  steps.pass('online:notifier');
  const { blockSize } = blocks;
  for (const veto of context.goingOnline)
    veto({ id, start: id * blockSize, size: blockSize, kernelZone: zone.kernel });
  const wasPopulated = zone.populated;
  zone.grow(startPfn, pages);
  chunk.zone[row] = zone.index;
  zone.pages.addBlock(id, pages - usable);
  zone.managed += usable;
  zone.present += pages;
  if (group !== undefined) {
    if (zone.kernel) group.presentKernelPages += pages;
    else group.presentMovablePages += pages;
  }
  if (first) nodes.set('has_memory', nid);
  if (zone.kernel) nodes.set('has_normal_memory', nid);
  if (!wasPopulated) context.zonelists.rebuild();
  if (first) nodes.gainedFirstMemory(nid);
}

/**
 * The zones that valid_zones lists for an offline block: where plain `online` would put it, then
 * the others.
 */
export function zonesForOnline(context: HotplugContext, id: number): Zone[] {
  const { blocks } = context;
  const group = context.groups.get(blocks.groupOf(id));
  const placement = {
    nid: blocks.nid(id),
    startPfn: blocks.startPfn(id),
    pages: blocks.pagesPerBlock,
    group,
  };
  const zones = [
    context.policies.zoneFor('online', placement),
    context.policies.kernelZone(placement),
    context.policies.movableZone(placement),
  ];
  return [...new Set(zones)];
}
