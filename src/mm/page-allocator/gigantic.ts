/**
 * Pages of 1 GiB (`alloc_contig_pages`, 7.2): an aligned gigabyte of which every page is free. A
 * gigabyte in which something would have to be moved first is passed over, in contrast to Linux,
 * which tries to move it.
 */
import { PAGE_SIZE } from '../../units.ts';
import { MAX_PAGE_ORDER, PUD_SIZE } from '../constants.ts';
import { BLOCK_USE } from './block-table.ts';
import type { Slot } from './page-arena.ts';
import type { PageOwner } from './page-owner.ts';
import type { ZonePages } from './zone-pages.ts';

export const GIGANTIC_PAGES = PUD_SIZE / PAGE_SIZE;
const CHUNK_PAGES = 2 ** MAX_PAGE_ORDER;

/**
 * Calls `take` with the first block of each gigabyte made of wholly free blocks until it returns
 * false.
 */
function wholeGigabytes(pages: ZonePages, take: (first: number) => boolean): void {
  const blocks = GIGANTIC_PAGES / pages.pagesPerBlock;
  for (const id of [...pages.table.ids(BLOCK_USE.free)]) {
    if (id % blocks !== 0) continue;
    let free = 0;
    while (free < blocks && isWholeFree(pages, id + free)) free += 1;
    if (free === blocks && !take(id)) return;
  }
}

/** A block that hosts its own memmap has no free first page. */
function isWholeFree(pages: ZonePages, id: number): boolean {
  return pages.table.use(id) === BLOCK_USE.free && !pages.table.hosting(id);
}

/** The chunks of the gigabyte that starts at page `offset` of the slot. */
function chunksOf(pages: ZonePages, slot: Slot, offset: number): number[] {
  return [...pages.arena.chunks(slot, offset, offset + GIGANTIC_PAGES)];
}

/** Takes gigabytes inside of one block that is larger. */
function takeInBlock(pages: ZonePages, id: number, owner: PageOwner, wanted: number): number {
  const slot = pages.open(id);
  let taken = 0;
  for (let offset = 0; offset < pages.pagesPerBlock && taken < wanted; offset += GIGANTIC_PAGES) {
    const chunks = chunksOf(pages, slot, offset);
    const free = chunks.every(
      (index) => pages.arena.isFree(index) && pages.arena.order(index) === MAX_PAGE_ORDER,
    );
    if (!free) continue;
    for (const index of chunks) pages.arena.takeFreeChunk(index, owner.id);
    taken += GIGANTIC_PAGES;
  }
  pages.closeUnused(slot);
  return taken;
}

/** As takePages: whole gigabytes only. */
export function takeGigantic(pages: ZonePages, owner: PageOwner, wanted: number): number {
  let left = Math.floor(wanted / GIGANTIC_PAGES) * GIGANTIC_PAGES;
  const total = left;
  pages.closeEmptySlot();
  if (pages.pagesPerBlock > GIGANTIC_PAGES) {
    const candidates = [...pages.slots.keys(), ...pages.table.ids(BLOCK_USE.free)].sort(
      (a, b) => a - b,
    );
    for (const id of candidates) if (left > 0) left -= takeInBlock(pages, id, owner, left);
  } else {
    wholeGigabytes(pages, (first) => {
      if (left === 0) return false;
      for (let at = 0; at < GIGANTIC_PAGES; at += pages.pagesPerBlock)
        pages.table.set(first + at / pages.pagesPerBlock, owner.id);
      left -= GIGANTIC_PAGES;
      return true;
    });
  }
  pages.hold(owner.id, total - left);
  pages.closeFullSlots(owner);
  return total - left;
}

/** As givePages: whole gigabytes, the highest first. */
export function giveGigantic(pages: ZonePages, owner: PageOwner, wanted: number): number {
  let left = Math.min(Math.floor(wanted / GIGANTIC_PAGES) * GIGANTIC_PAGES, pages.heldBy(owner));
  const total = left;
  const whole = [...pages.table.ids(owner.id)].reverse();
  if (pages.pagesPerBlock <= GIGANTIC_PAGES) {
    for (const id of whole.slice(0, left / pages.pagesPerBlock)) {
      pages.table.set(id, BLOCK_USE.free);
      left -= pages.pagesPerBlock;
    }
  } else {
    for (const id of [...whole, ...[...pages.slots.keys()].sort((a, b) => b - a)]) {
      if (left > 0) left -= giveInBlock(pages, id, owner, left);
    }
  }
  pages.hold(owner.id, left - total);
  return total - left;
}

function giveInBlock(pages: ZonePages, id: number, owner: PageOwner, wanted: number): number {
  const slot = pages.open(id);
  let given = 0;
  for (let offset = 0; offset < pages.pagesPerBlock && given < wanted; offset += GIGANTIC_PAGES) {
    const first = pages.arena.base(slot) + offset;
    if (!pages.arena.isUsed(first) || pages.arena.owner(first) !== owner.id) continue;
    for (let at = 0; at < GIGANTIC_PAGES; at += CHUNK_PAGES) pages.release(first + at);
    given += GIGANTIC_PAGES;
  }
  return given;
}
