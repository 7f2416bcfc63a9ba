/** Memory tiers (skeleton). */
import type { AccessCoordinates } from './config.ts';

/** Abstract distance of a node, or undefined if this algorithm knows nothing of the node. */
export type DistanceAlgorithm = (nid: number) => number | undefined;

export const ADISTANCE_DRAM = 576;
export const ADISTANCE_KMEM = 2880;

export declare class MemoryTiers {
  /** init_node_memory_type(): the node's type unless it has one already. */
  initNodeMemoryType(nid: number, adistance: number): void;
  /** clear_node_memory_type() */
  clearNodeMemoryType(nid: number, adistance: number): void;
  /** register_mt_adistance_algorithm(); returns the unsubscriber. */
  registerDistanceAlgorithm(algorithm: DistanceAlgorithm): () => void;
  /** mt_calc_adistance(): what the registered algorithms say, else `fallback`. */
  calculateDistance(nid: number, fallback: number): number;
  /** mt_perf_to_adistance(): undefined if no reference or the data is unusable. */
  distanceOfPerformance(coordinates: AccessCoordinates): number | undefined;
}
