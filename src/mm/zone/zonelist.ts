/**
 * Fallback lists: in which order the nodes are asked for memory (`build_all_zonelists`,
 * `find_next_best_node`, 7.2).
 */
import type { KernelLog } from '../../driver-core/kernel-log.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { watermarks } from './watermark.ts';
import type { Zone } from './zone.ts';
import { zoneName } from './zone.ts';

const PENALTY_LOWER_ID = 1;
const PENALTY_WITH_CPUS = 1;
/** Weights the load counter below every distance (MAX_NUMNODES). */
const LOAD_SCALE = 1024;

export class Zonelists {
  private readonly nodes: NodeStates;
  private readonly log: KernelLog;
  private readonly load = new Map<number, number>();
  private readonly orders = new Map<number, readonly number[]>();

  constructor(nodes: NodeStates, log: KernelLog) {
    this.nodes = nodes;
    this.log = log;
  }

  /** The nodes with memory in the order in which requests of `nid` try them. */
  order(nid: number): readonly number[] {
    return this.orders.get(nid) ?? this.build(nid);
  }

  /** A node came online: its own list only. */
  addNode(nid: number): void {
    this.load.clear();
    this.announce(nid, this.build(nid));
    this.announceBuilt();
  }

  /** A zone became populated or empty: rebuilds all lists. */
  rebuild(): void {
    this.load.clear();
    this.orders.clear();
    for (const nid of this.nodes.ids('online')) this.announce(nid, this.build(nid));
    this.announceBuilt();
  }

  private build(nid: number): readonly number[] {
    const candidates = new Set(this.nodes.ids('has_memory'));
    const order: number[] = [];
    let previous = nid;
    for (
      let next = this.nextBest(nid, candidates);
      next !== undefined;
      next = this.nextBest(nid, candidates)
    ) {
      if (this.nodes.distance(nid, next) !== this.nodes.distance(nid, previous)) {
        this.load.set(next, (this.load.get(next) ?? 0) + 1);
      }
      candidates.delete(next);
      order.push(next);
      previous = next;
    }
    this.orders.set(nid, order);
    return order;
  }

  private nextBest(nid: number, candidates: ReadonlySet<number>): number | undefined {
    if (candidates.has(nid)) return nid;
    let best: number | undefined;
    let bestValue = Number.POSITIVE_INFINITY;
    for (const candidate of candidates) {
      const value = this.value(nid, candidate);
      if (value >= bestValue) continue;
      best = candidate;
      bestValue = value;
    }
    return best;
  }

  private value(nid: number, candidate: number): number {
    let value = this.nodes.distance(nid, candidate);
    if (candidate < nid) value += PENALTY_LOWER_ID;
    if (this.nodes.hasCpu(candidate)) value += PENALTY_WITH_CPUS;
    return value * LOAD_SCALE + (this.load.get(candidate) ?? 0);
  }

  private announce(nid: number, order: readonly number[]): void {
    this.log.print(
      'info',
      `Fallback order for Node ${nid}: ${order.map((each) => `${each} `).join('')}`,
    );
  }

  private announceBuilt(): void {
    const online = this.nodes.online();
    let pages = 0;
    for (const [zone, marks] of watermarks(online)) pages += Math.max(0, zone.managed - marks.high);
    this.log.print(
      'info',
      `Built ${online.length} zonelists, mobility grouping on.  Total pages: ${pages}`,
    );
    const highest = Math.max(
      ...online.flatMap((node) =>
        node.zones.map((zone) => (usedKernelZone(zone) ? zone.index : 0)),
      ),
    );
    this.log.print('info', `Policy zone: ${zoneName(highest)}`);
  }
}

function usedKernelZone(zone: Zone): boolean {
  return zone.kernel && zone.populated;
}
