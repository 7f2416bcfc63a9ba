import type { NodeStates } from '../node/numa-node.ts';
import type { WeightedInterleave } from '../tier/weighted-interleave.ts';
import type { Zonelists } from '../zone/zonelist.ts';

/** What workloads need of the machine. */
export interface WorkloadContext {
  readonly nodes: NodeStates;
  readonly zonelists: Zonelists;
  readonly interleave: WeightedInterleave;
}
