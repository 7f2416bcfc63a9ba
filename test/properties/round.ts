/**
 * How much of a property is tried: a little with a fixed seed in every test run, more with new seeds by `npm run explore`.
 */
import { TOPOLOGIES, type Topology } from './machines.ts';

export interface Round {
  readonly seed: number;
  /** Sequences. */
  readonly runs: number;
  /** Default: all small machines. */
  readonly topologies?: readonly Topology[];
  /** False: a sequence that breaks something is reported as it is, at once. Default: made as short as possible. */
  readonly shrink?: boolean;
}

/** CXLBOX_SEED, or the one that every test run has. */
export const SEED = Number(process.env.CXLBOX_SEED ?? 20261120);

export function parametersOf({ seed, runs, shrink = true }: Round): {
  seed: number;
  numRuns: number;
  endOnFailure: boolean;
} {
  return { seed, numRuns: runs, endOnFailure: !shrink };
}

export function topologiesOf({ topologies = TOPOLOGIES }: Round): readonly Topology[] {
  return topologies;
}
