/**
 * `/sys/kernel/mm/mempolicy/weighted_interleave`: how many pages in turn each node gets
 * (`mm/mempolicy.c`, 7.2).
 */

import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { KernfsDirectory } from '../../kernfs/node.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import { kstrtobool, kstrtouint, sysfsStreq } from '../../kernfs/parse.ts';
import type { AccessCoordinates } from '../config.ts';
import { NODE_PRIORITY } from '../node/notifier.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { INTERLEAVE_FILES } from '../sources.ts';

/** What the weights of all nodes add up to before they are reduced. */
const WEIGHTINESS = 32;
const DEFAULT_WEIGHT = 1;
const MAX_WEIGHT = 255;

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

export class WeightedInterleave {
  private readonly nodes: NodeStates;
  private readonly directory: KernfsDirectory;
  private readonly weights = new Map<number, number>();
  /** MB/s, by node. */
  private readonly bandwidth = new Map<number, number>();
  private automatic = true;

  constructor(kernel: Kernel, nodes: NodeStates) {
    this.nodes = nodes;
    this.directory = kernel.directory('kernel/mm/mempolicy/weighted_interleave');
    const show = (): string => `${this.automatic}\n`;
    this.directory.add(
      new KernfsFile('auto', 0o664, {
        show,
        store: (text) => this.storeAuto(text),
        source: INTERLEAVE_FILES,
      }),
    );
    nodes.onFirstMemory((nid) => this.addNode(nid), NODE_PRIORITY.weightedInterleave);
    nodes.onLastMemory(
      (nid) => this.directory.remove(`node${nid}`),
      NODE_PRIORITY.weightedInterleave,
    );
  }

  /** Pages in turn that the node gets. */
  weight(nid: number): number {
    return this.weights.get(nid) ?? DEFAULT_WEIGHT;
  }

  addNode(nid: number): void {
    const show = (): string => `${this.weight(nid)}\n`;
    const store = (text: string): void => this.storeWeight(nid, text);
    this.directory.add(
      new KernfsFile(`node${nid}`, 0o644, { show, store, source: INTERLEAVE_FILES }),
    );
  }

  /**
   * node_store(): EINVAL for anything but 1 to 255; an empty text restores the default. Switches
   * `auto` off.
   */
  private storeWeight(nid: number, text: string): void {
    const weight = sysfsStreq(text, '') ? DEFAULT_WEIGHT : parseWeight(text);
    this.weights.set(nid, weight);
    this.automatic = false;
  }

  /** weighted_interleave_auto_store(): EINVAL for no boolean. */
  private storeAuto(text: string): void {
    this.automatic = kstrtobool(text);
    if (this.automatic) this.recompute();
  }

  /**
   * mempolicy_set_node_perf(): the smaller of both bandwidths counts; without one nothing changes.
   */
  setPerformance(nid: number, { readBandwidth, writeBandwidth }: AccessCoordinates): void {
    const bandwidth = Math.min(readBandwidth, writeBandwidth);
    if (bandwidth === 0) return;
    this.bandwidth.set(nid, bandwidth);
    if (this.automatic) this.recompute();
  }

  /**
   * reduce_interleave_weights(): shares of 32, at least 1, divided by their greatest common
   * divisor.
   */
  private recompute(): void {
    const ids = this.nodes.ids('has_memory');
    const total = ids.reduce((sum, nid) => sum + (this.bandwidth.get(nid) ?? 0), 0);
    this.weights.clear();
    if (total === 0) return;
    const shares = ids.map((nid) =>
      Math.max(1, Math.floor((WEIGHTINESS * (this.bandwidth.get(nid) ?? 0)) / total)),
    );
    const divisor = shares.reduce(gcd, 0);
    ids.forEach((nid, index) => {
      this.weights.set(nid, (shares[index] ?? DEFAULT_WEIGHT) / divisor);
    });
  }
}

function parseWeight(text: string): number {
  try {
    const weight = kstrtouint(text);
    if (weight >= 1 && weight <= MAX_WEIGHT) return weight;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
  throw new KernelError('EINVAL', `a weight is 1 to ${MAX_WEIGHT}`);
}
