/**
 * Zones of a node and their figures (`struct zone`, 7.2). All counts are pages.
 *
 * Free memory is a count per zone: which pages of a zone are in use is not modelled, only how many.
 */
import type { ZoneName } from './config.ts';
import { ZONE_NAMES } from './config.ts';

/** Index of a zone in its node; -1 means "in no (single) zone". */
export const ZONE = { DMA: 0, DMA32: 1, Normal: 2, Movable: 3, Device: 4 } as const;
export const NO_ZONE = -1;
export const ZONE_COUNT = ZONE_NAMES.length;

export function zoneName(index: number): ZoneName {
  const name = ZONE_NAMES[index];
  if (name === undefined) throw new RangeError(`no zone ${index}`);
  return name;
}

export class Zone {
  readonly nid: number;
  readonly index: number;
  readonly name: ZoneName;
  startPfn = 0;
  /** End minus start, with holes. */
  spanned = 0;
  /** Pages that are in the zone. */
  present = 0;
  /** Pages given to the page allocator. */
  managed = 0;
  /** Managed pages that nobody uses. */
  free = 0;
  /** Managed pages in use that cannot move: memmaps of other memory, the kernel's own data. */
  unmovable = 0;
  /** Present pages that were there at boot: what auto-movable counts. */
  presentEarly = 0;
  /** The span at boot: where it ends inside a block, the zone ends there. */
  bootStartPfn = 0;
  bootEndPfn = 0;

  constructor(nid: number, index: number) {
    this.nid = nid;
    this.index = index;
    this.name = zoneName(index);
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
