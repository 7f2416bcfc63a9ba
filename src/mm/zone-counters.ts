/**
 * The zone counters of /proc/vmstat: free pages from the zones, the others from the counters of their node.
 */
import { PAGEBLOCK_PAGES } from './constants.ts';
import type { NumaNode } from './numa-node.ts';
import { ZONE_COUNTERS } from './vm-counters.ts';
import type { Zone } from './zone.ts';

type ZoneCounterName = (typeof ZONE_COUNTERS)[number];

const OF_NODE: Partial<Record<ZoneCounterName, (node: NumaNode) => number>> = {
  nr_zone_inactive_anon: ({ counters }) => counters.nr_inactive_anon,
  nr_zone_active_anon: ({ counters }) => counters.nr_active_anon,
  nr_zone_inactive_file: ({ counters }) => counters.nr_inactive_file,
  nr_zone_active_file: ({ counters }) => counters.nr_active_file,
  nr_zone_unevictable: ({ counters }) => counters.nr_unevictable,
  nr_zone_write_pending: ({ counters }) => counters.nr_dirty + counters.nr_writeback,
  nr_mlock: ({ counters }) => counters.nr_mlock,
};

/** Free pages in whole free pageblocks, as if what is free were contiguous. */
export function freeInBlocks(zone: Zone): number {
  return Math.floor(zone.free / PAGEBLOCK_PAGES) * PAGEBLOCK_PAGES;
}

const OF_ZONE: Partial<Record<ZoneCounterName, (zone: Zone) => number>> = {
  nr_free_pages: (zone) => zone.free,
  nr_free_pages_blocks: freeInBlocks,
};

/** Sums over the nodes, in the kernel's order. */
export function zoneCounters(nodes: readonly NumaNode[]): (readonly [string, number])[] {
  return ZONE_COUNTERS.map((name) => {
    let sum = 0;
    for (const node of nodes) {
      sum += OF_NODE[name]?.(node) ?? 0;
      for (const zone of node.zones) sum += OF_ZONE[name]?.(zone) ?? 0;
    }
    return [name, sum] as const;
  });
}

/** The counters of one zone; those kept by node are shown in the node's largest zone. */
export function countersOfZone(node: NumaNode, zone: Zone): (readonly [string, number])[] {
  const largest = [...node.zones].sort((a, b) => b.managed - a.managed)[0];
  return ZONE_COUNTERS.map((name) => {
    const own = OF_ZONE[name]?.(zone);
    return [name, own ?? (zone === largest ? (OF_NODE[name]?.(node) ?? 0) : 0)] as const;
  });
}
