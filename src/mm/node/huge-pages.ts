/**
 * Huge pages as meminfo counts them (`hugetlb_report_meminfo`, 7.2). A pool does not exist: a huge
 * page exists while a workload uses it, so none is ever free.
 */
import { PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from '../constants.ts';
import { GIGANTIC_ORDER } from '../page-allocator/page-kind.ts';
import type { NumaNode } from './numa-node.ts';

/** Pages of the node in huge pages of this order. */
function pagesInOrder(node: NumaNode, order: number): number {
  let sum = 0;
  for (const { pages } of node.zones) {
    for (const [id, held] of pages.holders())
      if (pages.owners.get(id).kind.order === order) sum += held;
  }
  return sum;
}

/** HugePages_Total: those of the default size, 2 MiB. */
export function hugePages(node: NumaNode): number {
  return pagesInOrder(node, PAGEBLOCK_ORDER) / PAGEBLOCK_PAGES;
}

/** Pages in huge pages of all sizes: Hugetlb. */
export function pagesInHugePages(node: NumaNode): number {
  return pagesInOrder(node, PAGEBLOCK_ORDER) + pagesInOrder(node, GIGANTIC_ORDER);
}
