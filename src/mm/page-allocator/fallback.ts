/**
 * What an allocation does when its own free lists are empty (`__rmqueue_claim`, `__rmqueue_steal`,
 * 7.2): claims a whole pageblock of another type, the largest free chunk first; if that is not to
 * be had, takes a single chunk.
 */
import { MAX_PAGE_ORDER, PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from '../constants.ts';
import { FALLBACKS, MIGRATE } from './migrate-type.ts';
import type { PageArena } from './page-arena.ts';

/** What a fallback needs of the pages of a zone. */
interface FallbackPages {
  readonly arena: PageArena;
  /** Splits up a free block that is kept whole; undefined if there is none. */
  openFreeBlock(): unknown;
}

/** should_try_claim_block(): a smaller chunk of movable memory is not worth a pageblock. */
const CLAIM_ORDER = PAGEBLOCK_ORDER / 2;

function typesFor(type: number): readonly number[] {
  return FALLBACKS[type] ?? [];
}

/** The largest free chunk of a type that the request may fall back to, or -1. */
function largestForeign(pages: FallbackPages, order: number, type: number): number {
  for (let at = MAX_PAGE_ORDER; at >= order; at -= 1) {
    for (const foreign of typesFor(type)) {
      const head = pages.arena.head(foreign, at);
      if (head >= 0) return head;
      const whole = at === MAX_PAGE_ORDER && foreign === MIGRATE.Movable;
      if (whole && pages.openFreeBlock() !== undefined) return largestForeign(pages, order, type);
    }
  }
  return -1;
}

/** Free pages of the pageblock, and its free chunks. */
function freeIn(
  pages: FallbackPages,
  first: number,
): { readonly free: number; readonly chunks: readonly number[] } {
  const { arena } = pages;
  const slot = arena.slotOf(first);
  const offset = first - arena.base(slot);
  const chunks = [...arena.chunks(slot, offset, offset + PAGEBLOCK_PAGES)].filter((index) =>
    arena.isFree(index),
  );
  return { free: chunks.reduce((sum, index) => sum + 2 ** arena.order(index), 0), chunks };
}

/** try_to_claim_block(): false if too little of the pageblock is free. */
function claim(pages: FallbackPages, chunk: number, type: number): boolean {
  const { arena } = pages;
  const order = arena.order(chunk);
  const first = chunk >> PAGEBLOCK_ORDER;
  if (order >= PAGEBLOCK_ORDER) {
    arena.types.fill(type, first, first + (1 << (order - PAGEBLOCK_ORDER)));
    arena.moveToType(chunk, type);
    return true;
  }
  if (type === MIGRATE.Movable && order < CLAIM_ORDER) return false;
  const { free, chunks } = freeIn(pages, first << PAGEBLOCK_ORDER);
  if (free < PAGEBLOCK_PAGES / 2) return false;
  arena.types[first] = type;
  for (const each of chunks) arena.moveToType(each, type);
  return true;
}

/** The smallest sufficient chunk of another type; its pageblock keeps its type. */
function steal(pages: FallbackPages, order: number, type: number, ownerId: number): number {
  for (let at = order; at <= MAX_PAGE_ORDER; at += 1) {
    for (const foreign of typesFor(type)) {
      if (pages.arena.head(foreign, at) >= 0) return pages.arena.allocate(order, foreign, ownerId);
    }
  }
  return -1;
}

export function allocateFallback(
  pages: FallbackPages,
  order: number,
  type: number,
  ownerId: number,
): number {
  const chunk = largestForeign(pages, order, type);
  if (chunk < 0) return -1;
  if (claim(pages, chunk, type)) return pages.arena.allocate(order, type, ownerId);
  return steal(pages, order, type, ownerId);
}
