/**
 * The binary buddy allocator of one zone (`mm/page_alloc.c`, 7.2) over the memory blocks that are
 * in use in part. Each such block has a slot of page state; a page is named by its index in the
 * arena, which is what `struct page *` is in the kernel: buddies differ in one bit of it, since a
 * slot is as aligned as a block.
 *
 * Every page of a slot belongs to exactly one chunk: free, used, or no allocatable page at all
 * (reserved or a hole). The info word of a chunk's first page says which, and its order; inside a
 * chunk it is 0. The words of a page lie side by side, since an operation touches all words of few
 * pages that are far apart.
 */
import { MAX_PAGE_ORDER, PAGEBLOCK_ORDER } from '../constants.ts';
import { FIRST_SPECIAL_TYPE, MIGRATE, MIGRATE_COUNT } from './migrate-type.ts';

export const CHUNK_FREE = 0x40;
export const CHUNK_USED = 0x80;
/** Reserved at boot, or hosting the block's own memmap. */
export const CHUNK_RESERVED = 0x20;
/** No memory. */
export const CHUNK_HOLE = 0x10;
export const ORDER_MASK = 0x0f;

export const ORDERS = MAX_PAGE_ORDER + 1;
const NONE = -1;
/** Words of a page, by offset. */
const INFO = 0;
/** Of the first page of a chunk: its owner if used, the migrate type of its list if free. */
const TAG = 1;
const NEXT = 2;
const PREVIOUS = 3;
const SHIFT = 2;
const STRIDE = 1 << SHIFT;
const FIRST_CAPACITY = 4;

/** What a slot of the arena holds. */
export class Slot {
  readonly number: number;
  readonly block: number;
  /** Free pages. */
  free = 0;
  /** Pages that are free or used, but neither reserved nor a hole. */
  managed = 0;
  isolated = false;

  constructor(number: number, block: number) {
    this.number = number;
    this.block = block;
  }
}

export class PageArena {
  /** log2 of the pages of a slot. */
  readonly shift: number;
  /** Migrate type by pageblock; isolation is a separate bit, kept by slot. */
  types = new Uint8Array(0);
  /** Free chunks by type and order. */
  readonly counts = new Int32Array(MIGRATE_COUNT * ORDERS);
  /** Free pages, without those of isolated slots. */
  free = 0;
  private words = new Int32Array(0);
  private readonly heads = new Int32Array(MIGRATE_COUNT * ORDERS).fill(NONE);
  private readonly slots: Slot[] = [];
  private readonly spareNumbers: number[] = [];
  private capacity = 0;

  constructor(pagesPerBlock: number) {
    this.shift = Math.round(Math.log2(pagesPerBlock));
  }

  /** A slot for the block; its pages are laid out next (`layOut`). */
  addSlot(block: number): Slot {
    const spare = this.spareNumbers.pop();
    const slot = new Slot(spare ?? this.slots.length, block);
    if (slot.number >= this.capacity) this.grow();
    this.slots[slot.number] = slot;
    const base = this.base(slot);
    const end = base + (1 << this.shift);
    // New words are 0, and take no memory of the host until they are written.
    if (spare !== undefined) this.words.fill(0, base * STRIDE, end * STRIDE);
    this.types.fill(MIGRATE.Movable, base >> PAGEBLOCK_ORDER, end >> PAGEBLOCK_ORDER);
    return slot;
  }

  /** Forgets the slot; its free chunks leave their lists. */
  dropSlot(slot: Slot): void {
    for (const index of this.chunks(slot)) if (this.isFree(index)) this.unlink(index);
    this.adjustFree(slot, -slot.free);
    this.spareNumbers.push(slot.number);
  }

  private grow(): void {
    this.capacity = Math.max(FIRST_CAPACITY, this.capacity * 2);
    const pages = this.capacity << this.shift;
    const { words, types } = this;
    this.words = new Int32Array(pages * STRIDE);
    this.words.set(words);
    this.types = new Uint8Array(pages >> PAGEBLOCK_ORDER);
    this.types.set(types);
  }

  /** Index of the first page of the slot. */
  base(slot: Slot): number {
    return slot.number << this.shift;
  }

  /** The slot of a page. */
  slotOf(index: number): Slot {
    const slot = this.slots[index >> this.shift];
    if (slot === undefined) throw new RangeError(`no page ${index} in the arena`);
    return slot;
  }

  private info(index: number): number {
    return this.words[(index << SHIFT) | INFO] ?? 0;
  }

  private setChunk(index: number, info: number, tag: number): void {
    this.words[(index << SHIFT) | INFO] = info;
    this.words[(index << SHIFT) | TAG] = tag;
  }

  isFree(index: number): boolean {
    return (this.info(index) & CHUNK_FREE) !== 0;
  }

  isUsed(index: number): boolean {
    return (this.info(index) & CHUNK_USED) !== 0;
  }

  isHole(index: number): boolean {
    return (this.info(index) & CHUNK_HOLE) !== 0;
  }

  order(index: number): number {
    return this.info(index) & ORDER_MASK;
  }

  /** The migrate type of the page's pageblock. */
  typeOf(index: number): number {
    return this.types[index >> PAGEBLOCK_ORDER] ?? MIGRATE.Movable;
  }

  /** Owner of a used chunk; of a free one, the type of its list. */
  owner(index: number): number {
    return this.words[(index << SHIFT) | TAG] ?? 0;
  }

  setOwner(index: number, owner: number): void {
    this.words[(index << SHIFT) | TAG] = owner;
  }

  /** The first pages of the chunks in [from, to), ascending; by default of the whole slot. */
  *chunks(slot: Slot, from = 0, to = 1 << this.shift): Iterable<number> {
    const base = this.base(slot);
    for (let index = base + from; index < base + to; index += 1 << this.order(index)) yield index;
  }

  private adjustFree(slot: Slot, pages: number): void {
    slot.free += pages;
    if (!slot.isolated) this.free += pages;
  }

  private link(index: number, order: number, type: number): void {
    const { words, heads, counts } = this;
    const list = type * ORDERS + order;
    const at = index << SHIFT;
    const head = heads[list] ?? NONE;
    words[at | INFO] = CHUNK_FREE | order;
    words[at | TAG] = type;
    words[at | NEXT] = head;
    words[at | PREVIOUS] = NONE;
    if (head >= 0) words[(head << SHIFT) | PREVIOUS] = index;
    heads[list] = index;
    counts[list] = (counts[list] ?? 0) + 1;
  }

  /** unlink() of the first chunk of a list. */
  private unlinkHead(index: number, list: number): void {
    const { words, counts } = this;
    const next = words[(index << SHIFT) | NEXT] ?? NONE;
    this.heads[list] = next;
    if (next >= 0) words[(next << SHIFT) | PREVIOUS] = NONE;
    counts[list] = (counts[list] ?? 0) - 1;
  }

  private unlink(index: number): void {
    const { words, heads, counts } = this;
    const at = index << SHIFT;
    const list = (words[at | TAG] ?? 0) * ORDERS + ((words[at | INFO] ?? 0) & ORDER_MASK);
    const next = words[at | NEXT] ?? NONE;
    const previous = words[at | PREVIOUS] ?? NONE;
    if (next >= 0) words[(next << SHIFT) | PREVIOUS] = previous;
    if (previous >= 0) words[(previous << SHIFT) | NEXT] = next;
    else heads[list] = next;
    counts[list] = (counts[list] ?? 0) - 1;
  }

  /** The first free chunk of the list, or -1. */
  head(type: number, order: number): number {
    return this.heads[type * ORDERS + order] ?? NONE;
  }

  /**
   * __rmqueue_smallest(): a chunk from the smallest sufficient order; the lower half is returned,
   * the upper halves go back. -1: no list of this type has one.
   */
  allocate(order: number, type: number, owner: number): number {
    const { heads } = this;
    const first = type * ORDERS;
    for (let at = order; at < ORDERS; at += 1) {
      const index = heads[first + at] ?? NONE;
      if (index < 0) continue;
      this.unlinkHead(index, first + at);
      while (at > order) {
        at -= 1;
        this.link(index + (1 << at), at, type);
      }
      this.setChunk(index, CHUNK_USED | order, owner);
      this.adjustFree(this.slotOf(index), -(1 << order));
      return index;
    }
    return NONE;
  }

  /**
   * __free_one_page(): merges with the buddy up to order 10, but never across the border of a
   * special type. Returns the slot of the page.
   */
  release(index: number): Slot {
    const { words } = this;
    const slot = this.slotOf(index);
    let order = this.order(index);
    this.adjustFree(slot, 1 << order);
    const type = slot.isolated ? MIGRATE.Isolate : (this.types[index >> PAGEBLOCK_ORDER] ?? 0);
    let merged = index;
    words[(index << SHIFT) | INFO] = 0;
    while (order < MAX_PAGE_ORDER) {
      const buddy = merged ^ (1 << order);
      if (words[(buddy << SHIFT) | INFO] !== (CHUNK_FREE | order)) break;
      if (order >= PAGEBLOCK_ORDER && !this.mergeable(merged, buddy)) break;
      this.unlink(buddy);
      words[(buddy << SHIFT) | INFO] = 0;
      if (buddy < merged) merged = buddy;
      order += 1;
    }
    this.link(merged, order, type);
    return slot;
  }

  /** Both pages are in the same slot, so isolation makes no border between them. */
  private mergeable(a: number, b: number): boolean {
    const first = this.types[a >> PAGEBLOCK_ORDER] ?? 0;
    const second = this.types[b >> PAGEBLOCK_ORDER] ?? 0;
    return first === second || (first < FIRST_SPECIAL_TYPE && second < FIRST_SPECIAL_TYPE);
  }

  /**
   * Lays pages [from, to) of a new slot out as chunks; free ones go to the lists of `type`, lowest
   * first.
   */
  layOut(slot: Slot, from: number, to: number, kind: number, tag: number): void {
    const base = this.base(slot);
    const starts: number[] = [];
    for (let at = from; at < to; ) {
      const order = largestOrder(at, to - at);
      this.setChunk(base + at, kind | order, tag);
      starts.push(base + at);
      at += 1 << order;
    }
    if (kind === CHUNK_FREE || kind === CHUNK_USED) slot.managed += to - from;
    if (kind !== CHUNK_FREE) return;
    this.adjustFree(slot, to - from);
    for (const index of starts.reverse()) this.link(index, this.order(index), tag);
  }

  /** Splits the used chunk until `index` starts a chunk of `order`. */
  splitUsed(chunk: number, index: number, order: number): void {
    const owner = this.owner(chunk);
    let at = chunk;
    for (let size = this.order(chunk); size > order; ) {
      size -= 1;
      const upper = at + (1 << size);
      this.setChunk(at, CHUNK_USED | size, owner);
      this.setChunk(upper, CHUNK_USED | size, owner);
      if (index >= upper) at = upper;
    }
  }

  /** take_page_off_buddy(): takes the one page out of the free chunk that holds it. */
  takeFreePage(chunk: number, index: number, owner: number): void {
    const type = this.owner(chunk);
    this.unlink(chunk);
    let at = chunk;
    for (let size = this.order(chunk); size > 0; ) {
      size -= 1;
      const upper = at + (1 << size);
      this.link(index >= upper ? at : upper, size, type);
      if (index >= upper) at = upper;
    }
    this.setChunk(index, CHUNK_USED, owner);
    this.adjustFree(this.slotOf(index), -1);
  }

  /** Takes a whole free chunk. */
  takeFreeChunk(chunk: number, owner: number): void {
    const order = this.order(chunk);
    this.unlink(chunk);
    this.setChunk(chunk, CHUNK_USED | order, owner);
    this.adjustFree(this.slotOf(chunk), -(1 << order));
  }

  /** The first page of the chunk that holds `index`. */
  chunkOf(index: number): number {
    for (let order = 0; order <= MAX_PAGE_ORDER; order += 1) {
      const start = index & ~((1 << order) - 1);
      if (this.info(start) !== 0 && this.order(start) >= order) return start;
    }
    throw new RangeError(`page ${index} is in no chunk`);
  }

  /** Moves the free chunk to the list of `type` (`move_freepages_block`). */
  moveToType(index: number, type: number): void {
    const order = this.order(index);
    this.unlink(index);
    this.link(index, order, type);
  }

  /**
   * start_isolate_page_range() and its undoing, for a whole slot: free pages go to the list
   * Isolate, or back.
   */
  setIsolated(slot: Slot, isolated: boolean): void {
    if (slot.isolated === isolated) return;
    const pages = slot.free;
    this.adjustFree(slot, -pages);
    slot.isolated = isolated;
    this.adjustFree(slot, pages);
    for (const index of this.chunks(slot)) {
      const type = this.types[index >> PAGEBLOCK_ORDER] ?? MIGRATE.Movable;
      if (this.isFree(index)) this.moveToType(index, isolated ? MIGRATE.Isolate : type);
    }
  }
}

/**
 * The order of the largest chunk that starts at page `at` of a block and has at most `pages` pages.
 */
export function largestOrder(at: number, pages: number): number {
  const alignment = at === 0 ? MAX_PAGE_ORDER : 31 - Math.clz32(at & -at);
  return Math.min(MAX_PAGE_ORDER, alignment, 31 - Math.clz32(pages));
}
