/**
 * Asking for pages: which zones of which nodes, in which order, down to which watermark
 * (`get_page_from_freelist`, `__alloc_pages_slowpath`, 7.2). Without reclaim and swap, a request
 * that does not fit fails.
 */
import { KernelError } from '../../errno.ts';
import { PAGE_SIZE } from '../../units.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { givePages, takePages } from '../page-allocator/bulk.ts';
import { GIGANTIC_ORDER } from '../page-allocator/page-kind.ts';
import type { PageOwner } from '../page-allocator/page-owner.ts';
import type { Asker } from './page-accounting.ts';
import { accountPages, countAllocations } from './page-accounting.ts';
import { lowmemReserve, watermarks } from './watermark.ts';
import type { Zone } from './zone.ts';

export interface PageRequest {
  readonly owner: PageOwner;
  readonly pages: number;
  /** The nodes to try, in this order. */
  readonly nodes: readonly number[];
  /** Instead of the highest zone of the owner's kind, if lower. */
  readonly highestZone?: number | undefined;
  /** Absent: the request is the kernel's own and is not counted. */
  readonly asker?: Asker | undefined;
}

export interface Share {
  readonly zone: Zone;
  readonly pages: number;
}

/** The first pass stops at the low marks, the slow path at the min marks. */
const PASSES = ['low', 'min'] as const;

/** The populated zones in which the request may look, in order. */
function zonesOf(nodes: NodeStates, request: PageRequest, highest: number): Zone[] {
  return request.nodes.flatMap((nid) =>
    nodes
      .node(nid)
      .zones.filter((zone) => zone.populated && zone.index <= highest)
      .reverse(),
  );
}

function room(nodes: NodeStates, zone: Zone, mark: number, highest: number): number {
  const reserve = lowmemReserve(nodes.node(zone.nid), zone.index)[highest] ?? 0;
  return zone.free - mark - reserve;
}

/** As much of the request as fits. The caller takes back a part that is of no use. */
export function takeWhatFits(nodes: NodeStates, request: PageRequest): readonly Share[] {
  const { owner, asker } = request;
  const { kind } = owner;
  const highest = Math.min(kind.highestZone, request.highestZone ?? kind.highestZone);
  const marks = watermarks(nodes.online());
  const unit = 2 ** kind.order;
  const shares: Share[] = [];
  let left = request.pages;
  for (const pass of PASSES) {
    for (const zone of zonesOf(nodes, request, highest)) {
      const mark = marks.get(zone)?.[pass] ?? 0;
      const wanted = Math.floor(Math.min(left, room(nodes, zone, mark, highest)) / unit) * unit;
      const pages = takePages(zone.pages, owner, wanted);
      if (pages === 0) continue;
      left -= pages;
      shares.push({ zone, pages });
      accountPages(nodes, zone, kind, pages);
      // alloc_contig_pages() takes no page from a free list by itself.
      if (asker !== undefined && kind.order !== GIGANTIC_ORDER)
        countAllocations(nodes, zone, asker, pages / unit);
    }
  }
  return shares;
}

export function pagesOf(shares: readonly Share[]): number {
  return shares.reduce((sum, { pages }) => sum + pages, 0);
}

/** Gives back pages of the owner in the zone. */
export function freePages(nodes: NodeStates, owner: PageOwner, { zone, pages }: Share): void {
  accountPages(nodes, zone, owner.kind, -givePages(zone.pages, owner, pages));
}

/** All of the request. ENOMEM: it does not fit, and nothing was taken. */
export function requestPages(nodes: NodeStates, request: PageRequest): readonly Share[] {
  const shares = takeWhatFits(nodes, request);
  const missing = request.pages - pagesOf(shares);
  if (missing === 0) return shares;
  for (const share of shares) freePages(nodes, request.owner, share);
  const size = `${(request.pages * PAGE_SIZE) / 1024} kB`;
  throw new KernelError(
    'ENOMEM',
    `${request.owner.label}: of ${size} on nodes ${request.nodes.join(', ')}, ${(missing * PAGE_SIZE) / 1024} kB do not fit`,
  );
}
