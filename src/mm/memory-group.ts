/**
 * Memory groups (`drivers/base/memory.c`, 7.2): memory that is added and removed as one unit. Only the auto-movable
 * policy looks at the figures.
 */
export class MemoryGroup {
  readonly id: number;
  readonly nid: number;
  /** The most pages that the group will ever have (a static group). */
  readonly maxPages: number;
  /** Present pages of the group by kind of zone, and its blocks, online or not. */
  presentKernelPages = 0;
  presentMovablePages = 0;
  blocks = 0;

  constructor(id: number, nid: number, maxPages: number) {
    this.id = id;
    this.nid = nid;
    this.maxPages = maxPages;
  }
}
