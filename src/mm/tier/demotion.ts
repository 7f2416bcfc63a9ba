/**
 * Where reclaim moves cold pages (`establish_demotion_targets`, 7.2).
 */
import type { NodeStates } from '../node/numa-node.ts';

export interface DemotionTargets {
  /** The nearest nodes of the next slower tier. */
  readonly preferred: readonly number[];
  /** All nodes of slower tiers. */
  readonly fallback: readonly number[];
}

/** For every node of the tiers, which are given fastest first. */
export function demotionTargets(
  nodes: NodeStates,
  tiers: readonly (readonly number[])[],
): Map<number, DemotionTargets> {
  const targets: [number, DemotionTargets][] = [];
  tiers.forEach((tier, index) => {
    const next = tiers[index + 1] ?? [];
    const fallback = tiers.slice(index + 1).flat();
    for (const nid of tier) {
      const best = Math.min(...next.map((target) => nodes.distance(nid, target)));
      const preferred = next.filter((target) => nodes.distance(nid, target) === best);
      targets.push([nid, { preferred, fallback: fallback.sort((a, b) => a - b) }]);
    }
  });
  return new Map(targets.sort(([a], [b]) => a - b));
}
