/**
 * All pages of one zone. A block that is wholly free, or wholly one owner's, is a code in the block
 * table; any other has a slot in the arena, made when the first part of it is taken and dropped
 * when it is whole again.
 *
 * A wholly free block stands for free chunks of order 10 on the Movable list. What its pageblocks
 * were before is forgotten then.
 */
import { MAX_PAGE_ORDER, PAGEBLOCK_ORDER } from '../constants.ts';
import { BLOCK_USE, BlockTable } from './block-table.ts';
import { allocateFallback } from './fallback.ts';
import { MIGRATE } from './migrate-type.ts';
import type { Slot } from './page-arena.ts';
import {
  CHUNK_FREE,
  CHUNK_HOLE,
  CHUNK_RESERVED,
  CHUNK_USED,
  largestOrder,
  ORDERS,
  PageArena,
} from './page-arena.ts';
import type { PageOwner, PageOwners } from './page-owner.ts';

/** Pages [from, to) of a block. */
export interface PageSpan {
  readonly from: number;
  readonly to: number;
}

export class ZonePages {
  readonly pagesPerBlock: number;
  readonly owners: PageOwners;
  readonly arena: PageArena;
  readonly table = new BlockTable();
  readonly slots = new Map<number, Slot>();
  /** Pages by owner id. */
  private readonly held = new Map<number, number>();
  /** Pages that a block hosts for its own memmap, the same for all blocks that do. */
  hostedPages = 0;
  /**
   * A slot that became wholly free stays until the next does: a page freed and taken again costs no
   * slot.
   */
  private emptySlot: Slot | undefined;

  constructor(pagesPerBlock: number, owners: PageOwners) {
    this.pagesPerBlock = pagesPerBlock;
    this.owners = owners;
    this.arena = new PageArena(pagesPerBlock);
  }

  /** Pages that can be allocated: not those of isolated blocks. */
  get free(): number {
    return (
      this.arena.free +
      this.table.freeBlocks * this.pagesPerBlock -
      this.table.freeHosting * this.hostedPages
    );
  }

  /** First page of the block that is not its own memmap. */
  firstUsable(id: number): number {
    return this.table.hosting(id) ? this.hostedPages : 0;
  }

  usable(id: number): number {
    return this.pagesPerBlock - this.firstUsable(id);
  }

  /** Pages of the block that the allocator was given. */
  managed(id: number): number {
    if (this.table.use(id) === BLOCK_USE.reserved) return 0;
    return this.slots.get(id)?.managed ?? this.usable(id);
  }

  /** A whole block joins, free; its first `hosted` pages hold its own memmap. */
  addBlock(id: number, hosted = 0): void {
    if (hosted > 0) this.hostedPages = hosted;
    this.table.insert(id, BLOCK_USE.free, hosted > 0);
  }

  /** A whole block of boot memory that the allocator never gets. */
  addReservedBlock(id: number): void {
    this.table.insert(id, BLOCK_USE.reserved, false);
  }

  /** A block of boot memory of which only some pages are in this zone, free or reserved. */
  addPartialBlock(id: number, free: readonly PageSpan[], reserved: readonly PageSpan[]): void {
    this.table.insert(id, BLOCK_USE.partial, false);
    const slot = this.arena.addSlot(id);
    this.slots.set(id, slot);
    const parts = [
      ...free.map((span) => ({ ...span, kind: CHUNK_FREE, tag: MIGRATE.Movable as number })),
      ...reserved.map((span) => ({ ...span, kind: CHUNK_RESERVED, tag: 0 })),
    ].sort((a, b) => a.from - b.from);
    let at = 0;
    for (const { from, to, kind, tag } of parts) {
      this.arena.layOut(slot, at, from, CHUNK_HOLE, 0);
      this.arena.layOut(slot, from, to, kind, tag);
      at = to;
    }
    this.arena.layOut(slot, at, this.pagesPerBlock, CHUNK_HOLE, 0);
  }

  /** The block leaves the zone. Only poisoned pages of it are still in use. */
  removeBlock(id: number): void {
    const slot = this.slots.get(id);
    if (slot !== undefined) {
      this.hold(this.owners.poison.id, slot.free - slot.managed);
      this.dropSlot(slot);
    }
    this.table.delete(id);
  }

  /** How many pages the owner has here. */
  heldBy(owner: PageOwner): number {
    return this.held.get(owner.id) ?? 0;
  }

  /** Pages of all owners. */
  get used(): number {
    let sum = 0;
    for (const pages of this.held.values()) sum += pages;
    return sum;
  }

  holders(): Iterable<readonly [ownerId: number, pages: number]> {
    return this.held;
  }

  hold(ownerId: number, pages: number): void {
    const sum = (this.held.get(ownerId) ?? 0) + pages;
    if (sum === 0) this.held.delete(ownerId);
    else this.held.set(ownerId, sum);
  }

  /**
   * Takes one chunk without entering it under the owner's pages; the caller keeps the index. -1:
   * nothing of this order is free, not even after claiming from other types (`rmqueue`).
   */
  allocate(order: number, type: number, ownerId: number): number {
    let index = this.arena.allocate(order, type, ownerId);
    if (index >= 0) return index;
    if (type === MIGRATE.Movable && this.openFreeBlock() !== undefined) {
      index = this.arena.allocate(order, type, ownerId);
    }
    return index >= 0 ? index : allocateFallback(this, order, type, ownerId);
  }

  /** Frees a chunk that `allocate` gave. */
  release(index: number): void {
    const slot = this.arena.release(index);
    if (slot.free === slot.managed) this.becameFree(slot);
  }

  private becameFree(slot: Slot): void {
    if (slot.isolated || slot.managed !== this.usable(slot.block)) return;
    const former = this.emptySlot;
    this.emptySlot = slot;
    if (former !== undefined && former !== slot) this.closeFreeSlot(former);
  }

  /** Makes every wholly free slot a free block again. */
  closeEmptySlot(): void {
    const former = this.emptySlot;
    this.emptySlot = undefined;
    if (former !== undefined) this.closeFreeSlot(former);
  }

  /** Drops the slot if its block is wholly free. */
  closeUnused(slot: Slot): void {
    if (slot.managed === this.usable(slot.block)) this.closeFreeSlot(slot);
  }

  private closeFreeSlot(slot: Slot): void {
    if (this.slots.get(slot.block) !== slot || slot.isolated || slot.free !== slot.managed) return;
    this.dropSlot(slot);
    this.table.set(slot.block, BLOCK_USE.free);
  }

  private dropSlot(slot: Slot): void {
    this.arena.dropSlot(slot);
    this.slots.delete(slot.block);
    if (this.emptySlot === slot) this.emptySlot = undefined;
  }

  /** A slot for the lowest wholly free block, or undefined. */
  openFreeBlock(): Slot | undefined {
    const id = this.table.firstFree();
    return id === undefined ? undefined : this.open(id);
  }

  /** The block's slot, made if it has none: from now on the block may be used in part. */
  open(id: number): Slot {
    const existing = this.slots.get(id);
    if (existing !== undefined) return existing;
    const use = this.table.use(id);
    const slot = this.arena.addSlot(id);
    const first = this.firstUsable(id);
    this.slots.set(id, slot);
    this.table.set(id, BLOCK_USE.partial);
    this.arena.layOut(slot, 0, first, CHUNK_RESERVED, 0);
    if (use === BLOCK_USE.free || use === BLOCK_USE.isolated) {
      this.arena.layOut(slot, first, this.pagesPerBlock, CHUNK_FREE, MIGRATE.Movable);
      if (use === BLOCK_USE.isolated) this.arena.setIsolated(slot, true);
      return slot;
    }
    if (use === BLOCK_USE.reserved) {
      this.arena.layOut(slot, first, this.pagesPerBlock, CHUNK_RESERVED, 0);
      return slot;
    }
    this.arena.layOut(slot, first, this.pagesPerBlock, CHUNK_USED, use);
    const type = this.owners.get(use).kind.migrateType;
    const base = this.arena.base(slot);
    this.arena.types.fill(
      type,
      base >> PAGEBLOCK_ORDER,
      (base + this.pagesPerBlock) >> PAGEBLOCK_ORDER,
    );
    return slot;
  }

  /** Drops the slots of blocks that have become wholly this owner's. */
  closeFullSlots(owner: PageOwner): void {
    for (const slot of [...this.slots.values()]) {
      if (slot.free > 0 || slot.isolated || slot.managed !== this.usable(slot.block)) continue;
      if (!this.isSoleOwner(slot, owner)) continue;
      this.dropSlot(slot);
      this.table.set(slot.block, owner.id);
    }
  }

  private isSoleOwner(slot: Slot, owner: PageOwner): boolean {
    for (const index of this.arena.chunks(slot, this.firstUsable(slot.block)))
      if (this.arena.owner(index) !== owner.id) return false;
    return true;
  }

  /** Free chunks of one type by order, those of wholly free blocks included. */
  freeChunks(type: number): number[] {
    const counts = Array.from(
      { length: ORDERS },
      (_, order) => this.arena.counts[type * ORDERS + order] ?? 0,
    );
    if (type !== MIGRATE.Movable) return counts;
    const hosting = this.table.freeHosting;
    const kinds = [
      { blocks: this.table.freeBlocks - hosting, first: 0 },
      { blocks: hosting, first: this.hostedPages },
    ];
    for (const { blocks, first } of kinds) {
      for (let at = first; blocks > 0 && at < this.pagesPerBlock; ) {
        const order = largestOrder(at, this.pagesPerBlock - at);
        // From the first chunk of the largest order on, all are alike.
        const alike = order === MAX_PAGE_ORDER ? (this.pagesPerBlock - at) >> order : 1;
        counts[order] = (counts[order] ?? 0) + blocks * alike;
        at += alike << order;
      }
    }
    return counts;
  }
}
