/**
 * The zone counters of /proc/vmstat: free pages from the zones, the others from the counters of
 * their node.
 */
import { PAGEBLOCK_ORDER } from '../constants.ts';
import type { NumaNode } from '../node/numa-node.ts';
import { MIGRATE } from '../page-allocator/migrate-type.ts';
import { ZONE_COUNTERS } from '../vm-counters.ts';
import type { Zone } from './zone.ts';

type ZoneCounterName = (typeof ZONE_COUNTERS)[number];

const OF_NODE: Partial<Record<ZoneCounterName, (node: NumaNode) => number>> = {
  nr_zone_unevictable: ({ counters }) => counters.nr_unevictable,
  nr_zone_write_pending: ({ counters }) => counters.nr_dirty + counters.nr_writeback,
  nr_mlock: ({ counters }) => counters.nr_mlock,
};

/** Free pages in chunks of at least a pageblock, isolated ones left out. */
export function freeInBlocks(zone: Zone): number {
  let sum = 0;
  for (let type = 0; type < MIGRATE.Isolate; type += 1) {
    zone.pages.freeChunks(type).forEach((count, order) => {
      if (order >= PAGEBLOCK_ORDER) sum += count * 2 ** order;
    });
  }
  return sum;
}

const OF_ZONE: Partial<Record<ZoneCounterName, (zone: Zone) => number>> = {
  nr_free_pages: (zone) => zone.free,
  nr_free_pages_blocks: freeInBlocks,
  nr_zone_inactive_anon: ({ lru }) => lru.nr_zone_inactive_anon,
  nr_zone_active_anon: ({ lru }) => lru.nr_zone_active_anon,
  nr_zone_inactive_file: ({ lru }) => lru.nr_zone_inactive_file,
  nr_zone_active_file: ({ lru }) => lru.nr_zone_active_file,
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
