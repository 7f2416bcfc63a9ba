/**
 * Looking at one block: what is in it, isolating it, emptying it (`mm/page_isolation.c`, 7.2).
 */
import { PAGEBLOCK_PAGES } from '../constants.ts';
import { BLOCK_USE } from './block-table.ts';
import { giveFromSlot } from './bulk.ts';
import type { PageOwner } from './page-owner.ts';
import type { ZonePages } from './zone-pages.ts';

/** A page of a block: its number in the block and whose it is; no owner: reserved at boot. */
export interface FoundPage {
  readonly offset: number;
  readonly owner: PageOwner | undefined;
}

/** All pages of the block are of one owner. */
function isOwned(use: number): boolean {
  return use > BLOCK_USE.reserved;
}

/** Pages by owner in the block, reserved ones left out. */
export function usersOfBlock(pages: ZonePages, id: number): Map<PageOwner, number> {
  const users = new Map<PageOwner, number>();
  const slot = pages.slots.get(id);
  const use = pages.table.use(id);
  if (slot === undefined) {
    if (isOwned(use)) users.set(pages.owners.get(use), pages.usable(id));
    return users;
  }
  for (const index of pages.arena.chunks(slot)) {
    if (!pages.arena.isUsed(index)) continue;
    const owner = pages.owners.get(pages.arena.owner(index));
    users.set(owner, (users.get(owner) ?? 0) + 2 ** pages.arena.order(index));
  }
  return users;
}

/**
 * The order in which start_isolate_page_range() takes pageblocks: the first, the last, then the
 * middle.
 */
function* pageblocksOf(first: number, end: number): Iterable<number> {
  yield first;
  if (end - PAGEBLOCK_PAGES > first) yield end - PAGEBLOCK_PAGES;
  for (let at = first + PAGEBLOCK_PAGES; at < end - PAGEBLOCK_PAGES; at += PAGEBLOCK_PAGES)
    yield at;
}

/**
 * The first page that `stays` says cannot be isolated (`has_unmovable_pages`): every reserved page
 * cannot. Undefined: there is none.
 */
export function firstUnmovable(
  pages: ZonePages,
  id: number,
  stays: (owner: PageOwner) => boolean,
): FoundPage | undefined {
  const slot = pages.slots.get(id);
  const first = pages.firstUsable(id);
  const use = pages.table.use(id);
  if (slot === undefined) {
    if (use === BLOCK_USE.reserved) return { offset: first, owner: undefined };
    if (!isOwned(use)) return undefined;
    const owner = pages.owners.get(use);
    return stays(owner) ? { offset: first, owner } : undefined;
  }
  const { arena } = pages;
  const base = arena.base(slot);
  for (const block of pageblocksOf(first, pages.pagesPerBlock)) {
    // The chunk at the start of the pageblock may have begun in the one before it.
    let at = arena.chunkOf(base + block);
    for (; at < base + block + PAGEBLOCK_PAGES; at += 2 ** arena.order(at)) {
      if (arena.isFree(at)) continue;
      const owner = arena.isUsed(at) ? pages.owners.get(arena.owner(at)) : undefined;
      if (owner === undefined || stays(owner)) return { offset: Math.max(at - base, block), owner };
    }
  }
  return undefined;
}

/** Its free pages are not allocated any more. */
export function isolateBlock(pages: ZonePages, id: number): void {
  const slot = pages.slots.get(id);
  if (slot !== undefined) pages.arena.setIsolated(slot, true);
  else if (pages.table.use(id) === BLOCK_USE.free) pages.table.set(id, BLOCK_USE.isolated);
}

export function unisolateBlock(pages: ZonePages, id: number): void {
  const slot = pages.slots.get(id);
  if (slot !== undefined) {
    pages.arena.setIsolated(slot, false);
    pages.closeUnused(slot);
  } else if (pages.table.use(id) === BLOCK_USE.isolated) pages.table.set(id, BLOCK_USE.free);
}

/** Frees `count` of the owner's pages in an isolated block: they stay isolated. */
export function vacate(pages: ZonePages, id: number, owner: PageOwner, count: number): void {
  if (!pages.slots.has(id) && count === pages.usable(id)) {
    pages.table.set(id, BLOCK_USE.isolated);
    pages.hold(owner.id, -count);
    return;
  }
  const slot = pages.open(id);
  pages.arena.setIsolated(slot, true);
  giveFromSlot(pages, slot, owner, count);
}
