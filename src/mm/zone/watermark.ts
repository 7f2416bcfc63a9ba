/**
 * Watermarks and lowmem reserves (`__setup_per_zone_wmarks`, `setup_per_zone_lowmem_reserve`, 7.2).
 * The kernel computes them anew at every online and offline of a block; here they are a function of
 * the zone figures. All in pages.
 */
import { KIB_PER_PAGE, PAGEBLOCK_PAGES } from '../constants.ts';
import type { NumaNode } from '../node/numa-node.ts';
import type { Zone } from './zone.ts';
import { ZONE, ZONE_COUNT } from './zone.ts';

export interface Watermarks {
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly promo: number;
}

const MIN_FREE_KBYTES = 128;
const MAX_FREE_KBYTES = 262144;
/** vm.watermark_scale_factor, of 10000. */
const SCALE_FACTOR = 10;
const SCALE_BASE = 10000;
/** set_recommended_min_free_kbytes(): pageblocks a zone that THP wants free. */
const THP_PAGEBLOCKS = 11;
const THP_SHARE = 0.05;
/** vm.lowmem_reserve_ratio by zone; 0: no reserve. */
const RESERVE_RATIO = [256, 256, 32, 0, 0] as const;

function zonesOf(nodes: readonly NumaNode[]): Zone[] {
  return nodes.flatMap((node) => [...node.zones]);
}

/** calculate_min_free_kbytes() and the THP minimum on top of it. */
function minFreePages(zones: readonly Zone[]): number {
  const lowmem = zones.filter((zone) => zone.kernel);
  const pages = lowmem.reduce((sum, zone) => sum + zone.managed, 0);
  const root = Math.floor(Math.sqrt(16 * pages * KIB_PER_PAGE));
  const kibibytes = Math.min(Math.max(root, MIN_FREE_KBYTES), MAX_FREE_KBYTES);
  const populated = lowmem.filter((zone) => zone.populated).length;
  const wanted = Math.min(
    PAGEBLOCK_PAGES * populated * THP_PAGEBLOCKS,
    Math.floor(pages * THP_SHARE),
  );
  return Math.max(Math.floor(kibibytes / KIB_PER_PAGE), wanted);
}

function marksOf(zone: Zone, minimum: number, lowmemPages: number): Watermarks {
  const share = lowmemPages === 0 ? 0 : Math.floor((minimum * zone.managed) / lowmemPages);
  const min =
    zone.index === ZONE.Movable
      ? Math.min(Math.max(Math.floor(zone.managed / 1024), 32), 128)
      : share;
  const delta = Math.max(
    Math.floor(share / 4),
    Math.floor((zone.managed * SCALE_FACTOR) / SCALE_BASE),
  );
  return { min, low: min + delta, high: min + 2 * delta, promo: min + 3 * delta };
}

/** The marks of every zone of the nodes. */
export function watermarks(nodes: readonly NumaNode[]): Map<Zone, Watermarks> {
  const zones = zonesOf(nodes);
  const minimum = minFreePages(zones);
  const lowmemPages = zones.reduce(
    (sum, zone) => sum + (zone.index === ZONE.Movable ? 0 : zone.managed),
    0,
  );
  return new Map(zones.map((zone) => [zone, marksOf(zone, minimum, lowmemPages)]));
}

/** lowmem_reserve[] of one zone of the node, by the highest zone that a request may use. */
export function lowmemReserve(node: NumaNode, index: number): number[] {
  const ratio = RESERVE_RATIO[index] ?? 0;
  const reserve = new Array<number>(ZONE_COUNT).fill(0);
  let above = 0;
  for (let higher = index + 1; higher < ZONE_COUNT; higher += 1) {
    above += node.zone(higher).managed;
    reserve[higher] = ratio === 0 || node.zone(index).managed === 0 ? 0 : Math.floor(above / ratio);
  }
  return reserve;
}
