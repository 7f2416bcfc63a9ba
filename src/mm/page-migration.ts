/**
 * Where the used pages of an offlined block go (`new_migration_target`, 7.2). Pages are counted, not tracked: what the
 * zone cannot keep moves to other nodes.
 */
import { KernelError } from '../errno.ts';
import type { NodeStates, NumaNode } from './numa-node.ts';
import type { VmCounter } from './vm-counters.ts';
import type { Zone } from './zone.ts';
import { ZONE } from './zone.ts';

const MOVABLE_COUNTERS: readonly VmCounter[] = [
  'nr_inactive_anon',
  'nr_active_anon',
  'nr_inactive_file',
  'nr_active_file',
  'nr_anon_pages',
  'nr_file_pages',
  'nr_mapped',
  'nr_shmem',
];

interface Share {
  readonly zone: Zone;
  readonly pages: number;
}

/** Pages of a Movable zone may land in any zone, those of a kernel zone in kernel zones only. */
function targetZones(node: NumaNode, source: Zone): Zone[] {
  const order = [ZONE.Movable, ZONE.Normal, ZONE.DMA32];
  return order
    .map((index) => node.zone(index))
    .filter((zone) => zone !== source && (zone.kernel || !source.kernel));
}

function planShares(nodes: NodeStates, source: Zone, pages: number): readonly Share[] {
  const others = nodes.ids('has_memory').filter((nid) => nid !== source.nid);
  const candidates = others.length > 0 ? others : [source.nid];
  const distance = (nid: number): number => nodes.distance(source.nid, nid);
  const shares: Share[] = [];
  let left = pages;
  for (const nid of candidates.sort((a, b) => distance(a) - distance(b) || a - b)) {
    for (const zone of targetZones(nodes.node(nid), source)) {
      const taken = Math.min(left, zone.free);
      if (taken > 0) shares.push({ zone, pages: taken });
      left -= taken;
    }
  }
  if (left === 0) return shares;
  // Linux would try for ever; see "endless offline loop" in docs/not-simulated.md.
  throw new KernelError('EBUSY', `no room elsewhere for ${left} pages in use`);
}

function moveCounters(from: NumaNode, to: NumaNode, fraction: number): void {
  for (const name of MOVABLE_COUNTERS) {
    const moved = Math.floor(from.counters[name] * fraction);
    from.counters[name] -= moved;
    to.counters[name] += moved;
  }
}

/** Moves `pages` used pages out of the zone. EBUSY: no room for them, nothing moved. */
export function migrateAway(nodes: NodeStates, source: Zone, pages: number): void {
  if (pages <= 0) return;
  const shares = planShares(nodes, source, pages);
  const from = nodes.node(source.nid);
  for (const share of shares) {
    const used = from.managed - from.free;
    share.zone.free -= share.pages;
    source.free += share.pages;
    moveCounters(from, nodes.node(share.zone.nid), used === 0 ? 0 : share.pages / used);
  }
}
