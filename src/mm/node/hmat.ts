/**
 * The firmware's performance tables by node (`drivers/acpi/numa/hmat.c`, 7.2): best initiators of a
 * target, and what they reach.
 */
import type { AccessCoordinates, MmConfig, NodePerformance } from '../config.ts';
import type { NodeStates } from './numa-node.ts';

/** access0: initiators of any kind; access1: processors. */
export type AccessClass = 0 | 1;
export const ACCESS_CLASSES: readonly AccessClass[] = [0, 1];

export interface TargetAccess {
  readonly initiators: readonly number[];
  readonly coordinates: AccessCoordinates;
}

const FIGURES: readonly {
  readonly key: keyof AccessCoordinates;
  readonly better: (a: number, b: number) => boolean;
}[] = [
  { key: 'writeLatency', better: (a, b) => a < b },
  { key: 'readLatency', better: (a, b) => a < b },
  { key: 'writeBandwidth', better: (a, b) => a > b },
  { key: 'readBandwidth', better: (a, b) => a > b },
];

export class Hmat {
  private readonly performance: readonly NodePerformance[];
  private readonly local: ReadonlyMap<number, number>;
  private readonly nodes: NodeStates;

  constructor(config: MmConfig, nodes: NodeStates) {
    this.performance = config.performance ?? [];
    this.local = new Map(
      (config.localInitiators ?? []).map(({ target, initiator }) => [target, initiator]),
    );
    this.nodes = nodes;
  }

  /** hmat_update_target_attrs(): undefined if the tables say nothing about the node. */
  access(target: number, accessClass: AccessClass): TargetAccess | undefined {
    const rows = this.performance.filter(
      (row) => row.target === target && this.qualifies(row.initiator, accessClass),
    );
    const best = this.localRows(target, rows) ?? bestRows(rows);
    const first = best[0];
    if (first === undefined) return undefined;
    return {
      initiators: best.map((row) => row.initiator).sort((a, b) => a - b),
      coordinates: first.coordinates,
    };
  }

  private qualifies(initiator: number, accessClass: AccessClass): boolean {
    return accessClass === 0 || this.nodes.hasCpu(initiator);
  }

  /** A target attached to a processor is reached best from there, whatever the figures say. */
  private localRows(
    target: number,
    rows: readonly NodePerformance[],
  ): readonly NodePerformance[] | undefined {
    const initiator = this.local.get(target);
    const own = rows.filter((row) => row.initiator === initiator);
    return own.length > 0 ? own : undefined;
  }
}

/** Figure by figure, only the initiators with the best value stay. */
function bestRows(rows: readonly NodePerformance[]): readonly NodePerformance[] {
  let left = rows;
  for (const { key, better } of FIGURES) {
    const known = left.filter((row) => row.coordinates[key] > 0);
    const first = known[0];
    if (first === undefined) continue;
    const best = known.reduce(
      (a, row) => (better(row.coordinates[key], a) ? row.coordinates[key] : a),
      first.coordinates[key],
    );
    left = known.filter((row) => row.coordinates[key] === best);
  }
  return left;
}
