/**
 * Single pages and small chunks, by way of per-cpu lists (`struct per_cpu_pages`, `rmqueue_pcplist`, 7.2): what was freed
 * last is given out first, without splitting or merging. Memory is taken from the zone, and given back to it, in batches.
 *
 * Pages on the lists are in use as far as the zone is concerned, as in Linux, until somebody drains the lists.
 */
import { MIGRATE } from './migrate-type.ts';
import type { PageOwner } from './page-owner.ts';
import type { ZonePages } from './zone-pages.ts';

/** PAGE_ALLOC_COSTLY_ORDER: the highest order with a list. */
const HIGHEST_ORDER = 3;
const ORDERS = HIGHEST_ORDER + 1;
/** Types with lists of their own: Unmovable, Movable, Reclaimable. */
const TYPES = MIGRATE.Reclaimable + 1;
const BATCH = 63;
const CAPACITY = 4 * BATCH;

export class PerCpuLists {
  private readonly pages: ZonePages;
  /** Whose the pages on the lists are. */
  private readonly owner: PageOwner;
  private readonly stacks = new Int32Array(TYPES * ORDERS * CAPACITY);
  private readonly depths = new Int32Array(TYPES * ORDERS);

  constructor(pages: ZonePages, owner: PageOwner) {
    this.pages = pages;
    this.owner = owner;
  }

  /** A chunk for `ownerId`, by its index in the arena; -1: there is none. */
  allocate(order: number, type: number, ownerId: number): number {
    if (order > HIGHEST_ORDER) return this.pages.allocate(order, type, ownerId);
    const list = type * ORDERS + order;
    const depth = (this.depths[list] ?? 0) || this.refill(list, order, type);
    if (depth === 0) return -1;
    const index = this.stacks[list * CAPACITY + depth - 1] ?? -1;
    this.depths[list] = depth - 1;
    this.pages.arena.setOwner(index, ownerId);
    return index;
  }

  /** Frees a chunk that `allocate` gave. */
  release(index: number): void {
    const { arena } = this.pages;
    const order = arena.order(index);
    if (order > HIGHEST_ORDER) {
      this.pages.release(index);
      return;
    }
    const list = arena.typeOf(index) * ORDERS + order;
    let depth = this.depths[list] ?? 0;
    if (depth === CAPACITY) depth = this.giveBack(list, BATCH);
    this.stacks[list * CAPACITY + depth] = index;
    this.depths[list] = depth + 1;
    arena.setOwner(index, this.owner.id);
  }

  /** drain_zone_pages(): everything on the lists is free memory of the zone again. */
  drain(): void {
    for (let list = 0; list < TYPES * ORDERS; list += 1) this.giveBack(list, CAPACITY);
  }

  /** rmqueue_bulk(): returns how many there are now. */
  private refill(list: number, order: number, type: number): number {
    let depth = 0;
    for (; depth < BATCH; depth += 1) {
      const index = this.pages.allocate(order, type, this.owner.id);
      if (index < 0) break;
      this.stacks[list * CAPACITY + depth] = index;
    }
    // The lowest page is given out first.
    this.stacks.subarray(list * CAPACITY, list * CAPACITY + depth).reverse();
    return depth;
  }

  /** free_pcppages_bulk(): the oldest `count` leave the list. Returns how many stay. */
  private giveBack(list: number, count: number): number {
    const start = list * CAPACITY;
    const depth = this.depths[list] ?? 0;
    const given = Math.min(count, depth);
    for (let at = start; at < start + given; at += 1) this.pages.release(this.stacks[at] ?? -1);
    this.stacks.copyWithin(start, start + given, start + depth);
    this.depths[list] = depth - given;
    return depth - given;
  }
}
