/**
 * Taking single pages out of use (`take_page_off_buddy`, `dissolve_free_hugetlb_folio`, 7.2).
 */
import { BLOCK_USE } from './block-table.ts';
import type { PageOwner } from './page-owner.ts';
import type { ZonePages } from './zone-pages.ts';

/** Who owns the page of the block. 'free': unused; 'reserved': never given to the allocator. */
export function ownerOfPage(
  pages: ZonePages,
  id: number,
  offset: number,
): PageOwner | 'free' | 'reserved' {
  const use = pages.table.use(id);
  if (offset < pages.firstUsable(id) || use === BLOCK_USE.absent || use === BLOCK_USE.reserved)
    return 'reserved';
  if (use === BLOCK_USE.free || use === BLOCK_USE.isolated) return 'free';
  const slot = pages.slots.get(id);
  if (slot === undefined) return pages.owners.get(use);
  const chunk = pages.arena.chunkOf(pages.arena.base(slot) + offset);
  if (pages.arena.isFree(chunk)) return 'free';
  return pages.arena.isUsed(chunk) ? pages.owners.get(pages.arena.owner(chunk)) : 'reserved';
}

/**
 * Takes the page out of use, which is free or its owner's. A page of a huge page takes the huge
 * page with it: its other pages become free. Returns how many pages the owner loses.
 */
export function poisonPage(pages: ZonePages, id: number, offset: number): number {
  const { arena, owners } = pages;
  const slot = pages.open(id);
  const index = arena.base(slot) + offset;
  const chunk = arena.chunkOf(index);
  pages.hold(owners.poison.id, 1);
  if (arena.isFree(chunk)) {
    arena.takeFreePage(chunk, index, owners.poison.id);
    return 0;
  }
  const owner = owners.get(arena.owner(chunk));
  const { order } = owner.kind;
  const unit = index - (index % 2 ** order);
  arena.splitUsed(chunk, unit, order);
  arena.splitUsed(unit, index, 0);
  arena.setOwner(index, owners.poison.id);
  pages.hold(owner.id, -(2 ** order));
  const offsetOfUnit = unit - arena.base(slot);
  for (const each of [...arena.chunks(slot, offsetOfUnit, offsetOfUnit + 2 ** order)]) {
    if (each !== index) pages.release(each);
  }
  return 2 ** order;
}
