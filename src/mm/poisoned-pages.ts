/**
 * Pages taken out of use because of memory errors (`memblk_nr_poison_inc`, 7.2). The record lives with the block:
 * removing the block forgets it.
 */
export class PoisonedPages {
  private readonly byBlock = new Map<number, Set<number>>();

  /** All poisoned pages: HardwareCorrupted of /proc/meminfo. */
  get count(): number {
    let sum = 0;
    for (const pages of this.byBlock.values()) sum += pages.size;
    return sum;
  }

  ofBlock(id: number): number {
    return this.byBlock.get(id)?.size ?? 0;
  }

  has(id: number, pfn: number): boolean {
    return this.byBlock.get(id)?.has(pfn) ?? false;
  }

  add(id: number, pfn: number): void {
    const pages = this.byBlock.get(id) ?? new Set();
    pages.add(pfn);
    this.byBlock.set(id, pages);
  }

  forgetBlock(id: number): void {
    this.byBlock.delete(id);
  }
}
