/**
 * Many pages at once, for one owner: whole blocks by their code in the table, the rest chunk by
 * chunk. Which pages an owner has is not listed anywhere but in the page state itself.
 */
import { MAX_PAGE_ORDER } from '../constants.ts';
import { BLOCK_USE } from './block-table.ts';
import { giveGigantic, takeGigantic } from './gigantic.ts';
import type { Slot } from './page-arena.ts';
import { GIGANTIC_ORDER } from './page-kind.ts';
import type { PageOwner } from './page-owner.ts';
import type { ZonePages } from './zone-pages.ts';

/** The largest order of a chunk of at most `pages` pages, which may be more than fit in 32 bits. */
function orderWithin(pages: number): number {
  return pages >= 2 ** MAX_PAGE_ORDER ? MAX_PAGE_ORDER : 31 - Math.clz32(pages);
}

/**
 * Chunks of the owner's own lists, the smallest first, as one page after the other would take them.
 */
function takeFromLists(pages: ZonePages, owner: PageOwner, wanted: number): number {
  const { order: unit, migrateType } = owner.kind;
  let left = wanted;
  for (let order = unit; order <= MAX_PAGE_ORDER && left >= 2 ** unit; ) {
    if (pages.arena.head(migrateType, order) < 0) {
      order += 1;
      continue;
    }
    const taken = Math.min(order, orderWithin(left));
    pages.arena.allocate(taken, migrateType, owner.id);
    left -= 2 ** taken;
  }
  return wanted - left;
}

/** Wholly free blocks; no page of them is looked at. */
function takeBlocks(pages: ZonePages, owner: PageOwner, wanted: number): number {
  const { table, pagesPerBlock, hostedPages } = pages;
  return table.takeFree(owner.id, wanted, pagesPerBlock, pagesPerBlock - hostedPages);
}

/** One chunk after the other, also from lists of other types. */
function takeChunks(pages: ZonePages, owner: PageOwner, wanted: number): number {
  const { order: unit, migrateType } = owner.kind;
  let left = wanted;
  for (let order = orderWithin(left); left >= 2 ** unit; ) {
    order = Math.min(order, orderWithin(left));
    if (pages.allocate(order, migrateType, owner.id) >= 0) left -= 2 ** order;
    else order -= 1;
    if (order < unit) break;
  }
  return wanted - left;
}

/** Takes up to `wanted` pages for the owner, in the chunks of its kind. Returns how many it got. */
export function takePages(pages: ZonePages, owner: PageOwner, wanted: number): number {
  const { order } = owner.kind;
  if (wanted <= 0) return 0;
  if (order === GIGANTIC_ORDER) return takeGigantic(pages, owner, wanted);
  pages.closeEmptySlot();
  let taken = takeFromLists(pages, owner, Math.min(wanted, pages.arena.free));
  taken += takeBlocks(pages, owner, wanted - taken);
  if (wanted - taken >= 2 ** order) taken += takeChunks(pages, owner, wanted - taken);
  pages.hold(owner.id, taken);
  pages.closeFullSlots(owner);
  return taken;
}

/**
 * Frees up to `wanted` of the owner's pages in one slot, in whole units of its kind. Returns how
 * many.
 */
export function giveFromSlot(
  pages: ZonePages,
  slot: Slot,
  owner: PageOwner,
  wanted: number,
): number {
  const { arena } = pages;
  let left = wanted;
  for (const index of [...arena.chunks(slot)]) {
    if (left === 0) break;
    if (!arena.isUsed(index) || arena.owner(index) !== owner.id) continue;
    const order = Math.min(arena.order(index), orderWithin(left));
    if (order < arena.order(index)) {
      left -= releaseStart(pages, index, left);
      continue;
    }
    left -= 2 ** order;
    pages.release(index);
  }
  pages.hold(owner.id, left - wanted);
  return wanted - left;
}

/** Frees the first `count` pages of a larger chunk. */
function releaseStart(pages: ZonePages, chunk: number, count: number): number {
  const { arena } = pages;
  let at = chunk;
  for (let left = count; left > 0; ) {
    const order = orderWithin(left);
    arena.splitUsed(arena.chunkOf(at), at, order);
    pages.release(at);
    at += 2 ** order;
    left -= 2 ** order;
  }
  return count;
}

/** The slots, of the highest block first. */
function slotsDescending(pages: ZonePages): Slot[] {
  return [...pages.slots.values()].sort((a, b) => b.block - a.block);
}

/**
 * Frees up to `wanted` of the owner's pages, those in blocks used in part first. Returns how many.
 */
export function givePages(pages: ZonePages, owner: PageOwner, wanted: number): number {
  if (owner.kind.order === GIGANTIC_ORDER) return giveGigantic(pages, owner, wanted);
  let left = Math.min(wanted, pages.heldBy(owner));
  const total = left;
  for (const slot of slotsDescending(pages)) {
    if (left === 0) break;
    left -= giveFromSlot(pages, slot, owner, left);
  }
  if (left === 0) return total;
  const whole = [...pages.table.ids(owner.id)];
  for (let id = whole.pop(); id !== undefined && left > 0; id = whole.pop()) {
    if (pages.usable(id) > left) {
      left -= giveFromSlot(pages, pages.open(id), owner, left);
      continue;
    }
    pages.table.set(id, BLOCK_USE.free);
    pages.hold(owner.id, -pages.usable(id));
    left -= pages.usable(id);
  }
  return total - left;
}
