/**
 * Memory tiers (`mm/memory-tiers.c`, 7.2): nodes grouped by abstract distance, and where reclaim
 * demotes to.
 */
import { Bus } from '../../driver-core/bus.ts';
import { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { rangeList } from '../../kernfs/format.ts';
import type { KernfsDirectory } from '../../kernfs/node.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import { kstrtobool } from '../../kernfs/parse.ts';
import type { AccessCoordinates } from '../config.ts';
import { addRootUevent } from '../node/device.ts';
import { NODE_PRIORITY } from '../node/notifier.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { demotionTargets } from './demotion.ts';
import { DramPerformance } from './dram-performance.ts';

/** Abstract distance of a node, or undefined if this algorithm knows nothing of the node. */
export type DistanceAlgorithm = (nid: number) => number | undefined;

export const ADISTANCE_DRAM = 576;
/** What kmem starts from: five times DRAM. */
export const ADISTANCE_KMEM = 2880;
/** Distances of one tier differ by less than this. */
const CHUNK_SIZE = 128;

/** A set of nodes in one chunk of abstract distance; smaller ids are faster. */
class MemoryTier {
  readonly id: number;
  readonly nodes = new Set<number>();

  constructor(id: number) {
    this.id = id;
  }
}

const TIER_GROUP: AttributeGroup<MemoryTier> = {
  source: {
    document: 'ABI/testing/sysfs-kernel-mm-memory-tiers',
    code: 'mm/memory-tiers.c',
  },
  attributes: [
    {
      name: 'nodelist',
      mode: 0o444,
      show: (tier) => `${rangeList([...tier.nodes].sort((a, b) => a - b))}\n`,
    },
  ],
};

/** The memory type of a node, with the number of its users: drivers and every first memory. */
interface NodeType {
  readonly adistance: number;
  users: number;
}

export class MemoryTiers {
  /** The reference that performance data is compared with. */
  readonly dram: DramPerformance;
  private readonly kernel: Kernel;
  private readonly nodes: NodeStates;
  private readonly bus: Bus;
  private readonly directory: KernfsDirectory;
  private readonly tiers = new Map<number, Device<MemoryTier>>();
  private readonly types = new Map<number, NodeType>();
  private algorithms: DistanceAlgorithm[] = [];
  private demotionEnabled = false;

  constructor(kernel: Kernel, nodes: NodeStates) {
    this.kernel = kernel;
    this.nodes = nodes;
    this.dram = new DramPerformance(kernel.log);
    this.bus = new Bus(kernel, { name: 'memory_tiering' });
    this.directory = kernel.directory('devices/virtual/memory_tiering');
    addRootUevent(this.directory);
    this.addDemotionFile();
    nodes.onFirstMemory((nid) => this.addNode(nid), NODE_PRIORITY.tiers);
    nodes.onLastMemory((nid) => this.removeNode(nid), NODE_PRIORITY.tiers);
  }

  private addDemotionFile(): void {
    const source = { document: 'ABI/testing/sysfs-kernel-mm-numa', code: 'mm/memory-tiers.c' };
    const show = (): string => `${this.demotionEnabled}\n`;
    const store = (text: string): void => {
      this.demotionEnabled = kstrtobool(text);
    };
    this.kernel
      .directory('kernel/mm/numa')
      .add(new KernfsFile('demotion_enabled', 0o644, { show, store, source }));
  }

  /** init_node_memory_type(): a node that has a type keeps it. */
  initNodeMemoryType(nid: number, adistance: number): void {
    const type = this.types.get(nid);
    if (type === undefined) this.types.set(nid, { adistance, users: 1 });
    else if (type.adistance === adistance) type.users += 1;
  }

  /**
   * clear_node_memory_type(): the type goes with its last user; a node that ever had memory keeps
   * it.
   */
  clearNodeMemoryType(nid: number, adistance: number): void {
    const type = this.types.get(nid);
    if (type === undefined || type.adistance !== adistance) return;
    type.users -= 1;
    if (type.users === 0) this.types.delete(nid);
  }

  /**
   * register_mt_adistance_algorithm(): the earliest registered is asked first. Returns how to take
   * it back.
   */
  registerDistanceAlgorithm(algorithm: DistanceAlgorithm): () => void {
    this.algorithms.push(algorithm);
    return () => {
      this.algorithms = this.algorithms.filter((each) => each !== algorithm);
    };
  }

  /** mt_calc_adistance(): what the first algorithm with a result says, else `fallback`. */
  calculateDistance(nid: number, fallback: number): number {
    for (const algorithm of this.algorithms) {
      const distance = algorithm(nid);
      if (distance !== undefined) return distance;
    }
    return fallback;
  }

  /** mt_perf_to_adistance(): undefined without a reference or with unusable data. */
  distanceOfPerformance(coordinates: AccessCoordinates): number | undefined {
    return this.dram.distanceOf(coordinates);
  }

  /** set_node_memory_tier() */
  addNode(nid: number): void {
    this.initNodeMemoryType(
      nid,
      this.types.get(nid)?.adistance ?? this.calculateDistance(nid, ADISTANCE_DRAM),
    );
    const adistance = this.types.get(nid)?.adistance ?? ADISTANCE_DRAM;
    this.tier(Math.floor(adistance / CHUNK_SIZE)).object.nodes.add(nid);
    this.announceDemotion();
  }

  private tier(id: number): Device<MemoryTier> {
    const known = this.tiers.get(id);
    if (known !== undefined) return known;
    const device = new Device<MemoryTier>(this.kernel, {
      name: `memory_tier${id}`,
      object: new MemoryTier(id),
      bus: this.bus,
      place: this.directory,
      groups: [TIER_GROUP],
    });
    this.tiers.set(id, device);
    device.add();
    return device;
  }

  /** clear_node_memory_tier(): the tier's directory goes with its last node. */
  private removeNode(nid: number): void {
    for (const [id, device] of this.tiers) {
      if (!device.object.nodes.delete(nid) || device.object.nodes.size > 0) continue;
      this.tiers.delete(id);
      device.del();
    }
    this.announceDemotion();
  }

  private announceDemotion(): void {
    for (const [nid, targets] of demotionTargets(this.nodes, this.membership())) {
      const list = (ids: readonly number[]): string => rangeList(ids);
      const text =
        targets.preferred.length === 0
          ? 'null'
          : `preferred: ${list(targets.preferred)}, fallback: ${list(targets.fallback)}`;
      this.kernel.log.print('info', `Demotion targets for Node ${nid}: ${text}`);
    }
  }

  /** The nodes of each tier, fastest first. */
  membership(): (readonly number[])[] {
    const tiers = [...this.tiers].sort(([a], [b]) => a - b);
    return tiers.map(([, device]) => [...device.object.nodes].sort((a, b) => a - b));
  }
}
