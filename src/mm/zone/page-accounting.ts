/**
 * The counters that follow pages in use: of the node, of the zone's LRU lists, and who was asked
 * for them (`mod_node_page_state`, `zone_statistics`, 7.2).
 */
import type { NodeStates } from '../node/numa-node.ts';
import type { PageKind } from '../page-allocator/page-kind.ts';
import type { NumaCounter } from '../vm-counters.ts';
import type { Zone } from './zone.ts';

const LISTS = {
  anon: {
    node: { inactive: 'nr_inactive_anon', active: 'nr_active_anon' },
    zone: { inactive: 'nr_zone_inactive_anon', active: 'nr_zone_active_anon' },
  },
  file: {
    node: { inactive: 'nr_inactive_file', active: 'nr_active_file' },
    zone: { inactive: 'nr_zone_inactive_file', active: 'nr_zone_active_file' },
  },
} as const;

/**
 * New pages are inactive; leaving pages are taken from the inactive list first. Nothing falls below
 * zero.
 */
function change<Name extends string>(
  counts: Record<Name, number>,
  { inactive, active }: { readonly inactive: Name; readonly active: Name },
  pages: number,
): void {
  const ofInactive = Math.max(pages, -counts[inactive]);
  counts[inactive] += ofInactive;
  counts[active] = Math.max(0, counts[active] + pages - ofInactive);
}

/** `pages` more, or fewer if negative, of this kind in the zone. */
export function accountPages(nodes: NodeStates, zone: Zone, kind: PageKind, pages: number): void {
  const { counters } = nodes.node(zone.nid);
  for (const name of kind.counters) counters[name] = Math.max(0, counters[name] + pages);
  if (kind.lru === undefined) return;
  change(counters, LISTS[kind.lru].node, pages);
  change(zone.lru, LISTS[kind.lru].zone, pages);
}

/** Who asked: the node that the request preferred, and the node of the processor that it ran on. */
export interface Asker {
  readonly preferred: number;
  readonly local: number;
  readonly interleaved: boolean;
}

/** zone_statistics(): `events` allocations were served from the zone. */
export function countAllocations(
  nodes: NodeStates,
  zone: Zone,
  asker: Asker,
  events: number,
): void {
  const count = (at: Zone, name: NumaCounter): void => {
    at.numa[name] += events;
    nodes.node(at.nid).counters[name] += events;
  };
  if (zone.nid === asker.preferred) count(zone, 'numa_hit');
  else {
    count(zone, 'numa_miss');
    const preferred = nodes
      .node(asker.preferred)
      .zones.findLast((each) => each.populated && each.index <= zone.index);
    count(preferred ?? nodes.node(asker.preferred).zone(zone.index), 'numa_foreign');
  }
  if (asker.interleaved && zone.nid === asker.preferred) count(zone, 'numa_interleave');
  count(zone, zone.nid === asker.local ? 'numa_local' : 'numa_other');
}
