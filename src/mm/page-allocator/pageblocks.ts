/**
 * How many pageblocks of a zone have which migrate type (`pagetypeinfo_showblockcount`, 7.2).
 */
import { PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from '../constants.ts';
import { BLOCK_USE } from './block-table.ts';
import { MIGRATE, MIGRATE_COUNT } from './migrate-type.ts';
import type { Slot } from './page-arena.ts';
import type { ZonePages } from './zone-pages.ts';

/** Memory that the allocator never gets keeps the type Unmovable. */
function countSlot(pages: ZonePages, slot: Slot, counts: number[]): void {
  const { arena } = pages;
  const base = arena.base(slot);
  for (let at = base; at < base + pages.pagesPerBlock; at += PAGEBLOCK_PAGES) {
    const chunk = arena.chunkOf(at);
    const wholeChunk = arena.order(chunk) >= PAGEBLOCK_ORDER;
    if (wholeChunk && arena.isHole(chunk)) continue;
    const allocatable = !wholeChunk || arena.isFree(chunk) || arena.isUsed(chunk);
    const type = allocatable ? (arena.types[at >> PAGEBLOCK_ORDER] ?? 0) : MIGRATE.Unmovable;
    const shown = slot.isolated ? MIGRATE.Isolate : type;
    counts[shown] = (counts[shown] ?? 0) + 1;
  }
}

function typeOfUse(pages: ZonePages, use: number): number {
  if (use === BLOCK_USE.free) return MIGRATE.Movable;
  if (use === BLOCK_USE.isolated) return MIGRATE.Isolate;
  return use === BLOCK_USE.reserved ? MIGRATE.Unmovable : pages.owners.get(use).kind.migrateType;
}

export function pageblocksByType(pages: ZonePages): number[] {
  const counts = new Array<number>(MIGRATE_COUNT).fill(0);
  for (const slot of pages.slots.values()) countSlot(pages, slot, counts);
  for (const [id, use] of pages.table.entries()) {
    if (use === BLOCK_USE.partial) continue;
    const hosted = pages.firstUsable(id) / PAGEBLOCK_PAGES;
    const type = typeOfUse(pages, use);
    counts[MIGRATE.Unmovable] = (counts[MIGRATE.Unmovable] ?? 0) + hosted;
    counts[type] = (counts[type] ?? 0) + pages.usable(id) / PAGEBLOCK_PAGES;
  }
  return counts;
}
