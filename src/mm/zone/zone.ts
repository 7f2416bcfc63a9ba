/**
 * Zones of a node and their figures (`struct zone`, 7.2). All counts are pages.
 */
import type { ZoneName } from '../config.ts';
import type { ZonePages } from '../page-allocator/zone-pages.ts';
import type { ZoneNumaCounters } from '../vm-counters.ts';
import { emptyNumaCounters } from '../vm-counters.ts';
import { ZONE, zoneName } from '../zone-index.ts';

export { NO_ZONE, ZONE, ZONE_COUNT, zoneName } from '../zone-index.ts';

/** Pages of the zone on the LRU lists. */
export interface ZoneLru {
  nr_zone_inactive_anon: number;
  nr_zone_active_anon: number;
  nr_zone_inactive_file: number;
  nr_zone_active_file: number;
}

export class Zone {
  readonly nid: number;
  readonly index: number;
  readonly name: ZoneName;
  /** Which of the zone's pages are free, and whose the others are. */
  readonly pages: ZonePages;
  readonly lru: ZoneLru = {
    nr_zone_inactive_anon: 0,
    nr_zone_active_anon: 0,
    nr_zone_inactive_file: 0,
    nr_zone_active_file: 0,
  };
  readonly numa: ZoneNumaCounters = emptyNumaCounters();
  startPfn = 0;
  /** End minus start, with holes. */
  spanned = 0;
  /** Pages that are in the zone. */
  present = 0;
  /** Pages given to the page allocator. */
  managed = 0;
  /** Present pages that were there at boot: what auto-movable counts. */
  presentEarly = 0;
  /** The span at boot: where it ends inside a block, the zone ends there. */
  bootStartPfn = 0;
  bootEndPfn = 0;

  constructor(nid: number, index: number, pages: ZonePages) {
    this.nid = nid;
    this.pages = pages;
    this.index = index;
    this.name = zoneName(index);
  }

  /** Managed pages that are neither used nor isolated. */
  get free(): number {
    return this.pages.free;
  }

  get endPfn(): number {
    return this.startPfn + this.spanned;
  }

  /** populated_zone() */
  get populated(): boolean {
    return this.present > 0;
  }

  /** True for zones that the kernel allocates from: DMA, DMA32, Normal. */
  get kernel(): boolean {
    return this.index <= ZONE.Normal;
  }

  /** zone_intersects(): the range overlaps the span, holes included. */
  intersects(startPfn: number, pages: number): boolean {
    return this.spanned > 0 && startPfn < this.endPfn && startPfn + pages > this.startPfn;
  }

  /** resize_zone_range(): the span grows to include the range. */
  grow(startPfn: number, pages: number): void {
    const end = Math.max(this.endPfn, startPfn + pages);
    if (this.spanned === 0 || startPfn < this.startPfn) this.startPfn = startPfn;
    this.spanned = end - this.startPfn;
  }

  setSpan(startPfn: number, endPfn: number): void {
    this.startPfn = startPfn;
    this.spanned = endPfn - startPfn;
  }
}
