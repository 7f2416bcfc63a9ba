/**
 * NUMA nodes: their zones and counters, the node masks, distances (`struct pglist_data`,
 * `node_states`, 7.2).
 *
 * A node keeps its zone figures while it is not online: they are all empty then, but for a
 * ZONE_DEVICE span.
 */
import { PAGE_SIZE } from '../../units.ts';
import { SECTION_SIZE } from '../constants.ts';
import { PageOwners } from '../page-allocator/page-owner.ts';
import { ZonePages } from '../page-allocator/zone-pages.ts';
import type { VmCounters } from '../vm-counters.ts';
import { emptyCounters } from '../vm-counters.ts';
import { ZONE_COUNT, Zone } from '../zone/zone.ts';
import type { NodeListener } from './notifier.ts';
import { NODE_PRIORITY, NodeNotifier } from './notifier.ts';

const LOCAL_DISTANCE = 10;
const REMOTE_DISTANCE = 20;

/** What hard offlining did on the node (`struct memory_failure_stats`). */
export interface MemoryFailures {
  total: number;
  ignored: number;
  failed: number;
  delayed: number;
  recovered: number;
}

export class NumaNode {
  readonly id: number;
  /** By zone index. */
  readonly zones: readonly Zone[];
  /** Node counters of /proc/vmstat, pages unless the name says otherwise. */
  readonly counters: VmCounters = emptyCounters();
  cpus: readonly number[] = [];
  readonly memoryFailures: MemoryFailures = {
    total: 0,
    ignored: 0,
    failed: 0,
    delayed: 0,
    recovered: 0,
  };

  constructor(id: number, pagesPerBlock: number, owners: PageOwners) {
    this.id = id;
    this.zones = Array.from(
      { length: ZONE_COUNT },
      (_, index) => new Zone(id, index, new ZonePages(pagesPerBlock, owners)),
    );
  }

  zone(index: number): Zone {
    const zone = this.zones[index];
    if (zone === undefined) throw new RangeError(`node ${this.id} has no zone ${index}`);
    return zone;
  }

  get present(): number {
    return this.total((zone) => zone.present);
  }

  get managed(): number {
    return this.total((zone) => zone.managed);
  }

  get free(): number {
    return this.total((zone) => zone.free);
  }

  /** Present pages in zones that the kernel allocates from. */
  get presentKernel(): number {
    return this.total((zone) => (zone.kernel ? zone.present : 0));
  }

  /** True if any zone, Device included, spans anything. */
  get spansMemory(): boolean {
    return this.zones.some((zone) => zone.spanned > 0);
  }

  private total(figure: (zone: Zone) => number): number {
    return this.zones.reduce((sum, zone) => sum + figure(zone), 0);
  }
}

export const NODE_MASKS = [
  'possible',
  'online',
  'has_memory',
  'has_normal_memory',
  'has_cpu',
  'has_generic_initiator',
] as const;
export type NodeMask = (typeof NODE_MASKS)[number];

export class NodeStates {
  /** Of the pages of all nodes. */
  readonly owners = new PageOwners();
  readonly pagesPerBlock: number;
  private readonly masks: Readonly<Record<NodeMask, Set<number>>>;
  private readonly nodes = new Map<number, NumaNode>();
  private readonly slit: readonly (readonly number[])[];
  private readonly firstMemory = new NodeNotifier();
  private readonly lastMemory = new NodeNotifier();

  /** `blockSize`: bytes of a memory block. */
  constructor(
    possible: Iterable<number>,
    distances: readonly (readonly number[])[] = [],
    blockSize = SECTION_SIZE,
  ) {
    this.pagesPerBlock = blockSize / PAGE_SIZE;
    const empty = (): Set<number> => new Set();
    this.masks = {
      possible: new Set(possible),
      online: empty(),
      has_memory: empty(),
      has_normal_memory: empty(),
      has_cpu: empty(),
      has_generic_initiator: empty(),
    };
    this.slit = distances;
  }

  /** The ids in the mask, ascending. */
  ids(mask: NodeMask): number[] {
    return [...this.masks[mask]].sort((a, b) => a - b);
  }

  has(mask: NodeMask, nid: number): boolean {
    return this.masks[mask].has(nid);
  }

  set(mask: NodeMask, nid: number, on = true): void {
    if (on) this.masks[mask].add(nid);
    else this.masks[mask].delete(nid);
  }

  isPossible(nid: number): boolean {
    return this.has('possible', nid);
  }

  isOnline(nid: number): boolean {
    return this.has('online', nid);
  }

  hasMemory(nid: number): boolean {
    return this.has('has_memory', nid);
  }

  hasCpu(nid: number): boolean {
    return this.has('has_cpu', nid);
  }

  /** The node's figures, made if it has none yet. */
  node(nid: number): NumaNode {
    let node = this.nodes.get(nid);
    if (node === undefined) {
      node = new NumaNode(nid, this.pagesPerBlock, this.owners);
      this.nodes.set(nid, node);
    }
    return node;
  }

  /** The online nodes, ascending. */
  online(): NumaNode[] {
    return this.ids('online').map((nid) => this.node(nid));
  }

  /** node_distance(): the SLIT, or 10 to itself and 20 to others. */
  distance(from: number, to: number): number {
    return this.slit[from]?.[to] ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
  }

  /** Calls `listener` when a node has gained its first memory, inside the online of the block. */
  onFirstMemory(listener: NodeListener, priority: number = NODE_PRIORITY.cxl): () => void {
    return this.firstMemory.subscribe(listener, priority);
  }

  /** Calls `listener` when a node has lost its last memory, inside the offline of the block. */
  onLastMemory(listener: NodeListener, priority: number = NODE_PRIORITY.cxl): () => void {
    return this.lastMemory.subscribe(listener, priority);
  }

  gainedFirstMemory(nid: number): void {
    this.firstMemory.call(nid);
  }

  lostLastMemory(nid: number): void {
    this.lastMemory.call(nid);
  }
}
