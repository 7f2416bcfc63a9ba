/**
 * How much of a property is tried: a little with a fixed seed in every test run, more with new
 * seeds by `npm run explore`.
 */
import { TOPOLOGIES, type Topology } from './machines.ts';

export interface Round {
  readonly seed: number;
  /** Sequences. */
  readonly runs: number;
  /** Default: all small machines. */
  readonly topologies?: readonly Topology[];
  /**
   * True: a sequence that breaks something is made as short as possible, which can take minutes.
   * Default: it is reported as it is, at once, unless CXLBOX_SHRINK is set.
   */
  readonly shrink?: boolean;
}

const SHRINK = process.env.CXLBOX_SHRINK !== undefined;

export function parametersOf({ seed, runs, shrink = SHRINK }: Round): {
  seed: number;
  numRuns: number;
  endOnFailure: boolean;
} {
  return { seed, numRuns: runs, endOnFailure: !shrink };
}

export function topologiesOf({ topologies = TOPOLOGIES }: Round): readonly Topology[] {
  return topologies;
}
