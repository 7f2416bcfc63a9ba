/**
 * The blocks in which an owner has pages.
 */
import type { PageOwner } from './page-owner.ts';
import type { ZonePages } from './zone-pages.ts';

/** Ids, ascending. */
export function blocksOfOwner(pages: ZonePages, owner: PageOwner): number[] {
  const { arena } = pages;
  const ids = [...pages.table.ids(owner.id)];
  for (const slot of pages.slots.values()) {
    for (const index of arena.chunks(slot)) {
      if (!arena.isUsed(index) || arena.owner(index) !== owner.id) continue;
      ids.push(slot.block);
      break;
    }
  }
  return ids.sort((a, b) => a - b);
}
