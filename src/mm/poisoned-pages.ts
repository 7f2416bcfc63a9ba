/**
 * Pages taken out of use because of memory errors (`memblk_nr_poison_inc`, 7.2). The record lives
 * with the block: removing the block forgets it.
 */
export class PoisonedPages {
  private readonly byBlock = new Map<number, Set<number>>();
  /** Pages of blocks that are poisoned as a whole. */
  private readonly whole = new Map<number, number>();

  /** All poisoned pages: HardwareCorrupted of /proc/meminfo. */
  get count(): number {
    let sum = 0;
    for (const [id, pages] of this.byBlock) if (!this.whole.has(id)) sum += pages.size;
    for (const pages of this.whole.values()) sum += pages;
    return sum;
  }

  ofBlock(id: number): number {
    return this.whole.get(id) ?? this.byBlock.get(id)?.size ?? 0;
  }

  has(id: number, pfn: number): boolean {
    return this.whole.has(id) || (this.byBlock.get(id)?.has(pfn) ?? false);
  }

  add(id: number, pfn: number): void {
    const pages = this.byBlock.get(id) ?? new Set();
    pages.add(pfn);
    this.byBlock.set(id, pages);
  }

  /** All `pages` of the block. */
  addBlock(id: number, pages: number): void {
    this.whole.set(id, pages);
  }

  forgetBlock(id: number): void {
    this.whole.delete(id);
    this.byBlock.delete(id);
  }
}
