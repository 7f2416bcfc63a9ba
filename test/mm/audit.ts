/**
 * Counts every page of a zone from the page state itself, and checks what must hold of a buddy
 * allocator.
 */
import { expect } from 'vitest';
import { MAX_PAGE_ORDER } from '../../src/mm/constants.ts';
import { BLOCK_USE } from '../../src/mm/page-allocator/block-table.ts';
import { MIGRATE_COUNT } from '../../src/mm/page-allocator/migrate-type.ts';
import type { Slot } from '../../src/mm/page-allocator/page-arena.ts';
import type { ZonePages } from '../../src/mm/page-allocator/zone-pages.ts';
import type { Zone } from '../../src/mm/zone/zone.ts';

export interface PageCount {
  free: number;
  isolated: number;
  /** Pages by owner id. */
  readonly used: Map<number, number>;
  /** Reserved at boot, or the block's own memmap. */
  reserved: number;
}

function add(count: PageCount, owner: number, pages: number): void {
  count.used.set(owner, (count.used.get(owner) ?? 0) + pages);
}

/**
 * The chunks of a slot cover it without gap or overlap; free buddies of one order never lie side by
 * side.
 */
function countSlot(pages: ZonePages, slot: Slot, count: PageCount, free: number[]): void {
  const { arena, pagesPerBlock } = pages;
  const base = arena.base(slot);
  let at = base;
  let ownFree = 0;
  for (const index of arena.chunks(slot)) {
    const order = arena.order(index);
    const size = 2 ** order;
    expect(index).toBe(at);
    expect(index % size).toBe(0);
    at += size;
    if (arena.isUsed(index)) add(count, arena.owner(index), size);
    else if (arena.isFree(index)) {
      ownFree += size;
      free[order] = (free[order] ?? 0) + 1;
      const buddy = index ^ size;
      const mergeable =
        order < MAX_PAGE_ORDER && arena.isFree(buddy) && arena.order(buddy) === order;
      expect(mergeable).toBe(false);
    } else if (!arena.isHole(index)) count.reserved += size;
  }
  expect(at).toBe(base + pagesPerBlock);
  expect(ownFree).toBe(slot.free);
  if (slot.isolated) count.isolated += ownFree;
  else count.free += ownFree;
}

/** Counts all pages, and compares with the counters that the allocator keeps. */
export function countPages(pages: ZonePages): PageCount {
  const count: PageCount = { free: 0, isolated: 0, used: new Map(), reserved: 0 };
  const free = new Array<number>(MAX_PAGE_ORDER + 1).fill(0);
  let partial = 0;
  for (const [id, use] of pages.table.entries()) {
    if (use !== BLOCK_USE.partial) count.reserved += pages.firstUsable(id);
    if (use === BLOCK_USE.free) count.free += pages.usable(id);
    else if (use === BLOCK_USE.isolated) count.isolated += pages.usable(id);
    else if (use === BLOCK_USE.reserved) count.reserved += pages.usable(id);
    else if (use === BLOCK_USE.partial) {
      const slot = pages.slots.get(id);
      expect(slot).toBeDefined();
      if (slot !== undefined) countSlot(pages, slot, count, free);
      partial += 1;
    } else add(count, use, pages.usable(id));
  }
  expect(partial).toBe(pages.slots.size);
  expect(count.free).toBe(pages.free);
  for (let order = 0; order <= MAX_PAGE_ORDER; order += 1) {
    let listed = 0;
    for (let type = 0; type < MIGRATE_COUNT; type += 1)
      listed += pages.arena.counts[type * (MAX_PAGE_ORDER + 1) + order] ?? 0;
    expect(listed).toBe(free[order]);
  }
  expect(new Map(count.used)).toEqual(new Map(pages.holders()));
  return count;
}

/** free + used + isolated + reserved = present, and without the reserved ones = managed. */
export function auditZone(zone: Zone): void {
  const { free, isolated, used, reserved } = countPages(zone.pages);
  const inUse = [...used.values()].reduce((sum, pages) => sum + pages, 0);
  expect(free + isolated + inUse).toBe(zone.managed);
  expect(free + isolated + inUse + reserved).toBe(zone.present);
}
