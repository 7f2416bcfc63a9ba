/**
 * Memory policies (`mm/mempolicy.c`, 7.2): which nodes a request tries, in which order.
 */
import type { MemoryPolicy } from '../../cxlbox-abi/workload.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { GIGANTIC_ORDER } from '../page-allocator/page-kind.ts';
import type { PageOwner } from '../page-allocator/page-owner.ts';
import { ZONE } from '../zone/zone.ts';
import type { WorkloadContext } from './workload-context.ts';

export function isInterleaved(policy: MemoryPolicy): boolean {
  return policy === 'interleave' || policy === 'weighted-interleave';
}

/** One request: a number of chunks, from these nodes in this order. */
export interface NodeTurn {
  readonly nodes: readonly number[];
  /** The node that the statistics take as the one asked for. */
  readonly preferred: number;
  readonly units: number;
}

interface PolicyUser {
  readonly policy: MemoryPolicy;
  readonly nodes: readonly number[];
  readonly home: number;
  readonly owner: PageOwner;
}

/**
 * A mask of nodes that have nothing but Movable memory is ignored by requests that may not go there
 * (`apply_policy_zone`); huge pages of 1 GiB obey it nevertheless.
 */
function maskApplies(nodes: NodeStates, { owner, nodes: mask }: PolicyUser): boolean {
  if (owner.kind.highestZone === ZONE.Movable || owner.kind.order === GIGANTIC_ORDER) return true;
  return mask.some((nid) => nodes.node(nid).presentKernel > 0);
}

/**
 * Chunks by node: each node in turn gets as many as its weight. `turn`: how many were given before.
 */
function interleave(
  mask: readonly number[],
  weight: (nid: number) => number,
  units: number,
  turn: number,
): Map<number, number> {
  const cycle = mask.flatMap((nid) => new Array<number>(weight(nid)).fill(nid));
  const rounds = Math.floor(units / cycle.length);
  const shares = new Map(mask.map((nid) => [nid, rounds * weight(nid)]));
  for (let at = 0; at < units - rounds * cycle.length; at += 1) {
    const nid = cycle[(turn + at) % cycle.length] ?? 0;
    shares.set(nid, (shares.get(nid) ?? 0) + 1);
  }
  return shares;
}

/** How `units` chunks are asked for. */
export function turnsOf(
  user: PolicyUser,
  context: WorkloadContext,
  units: number,
  turn: number,
): NodeTurn[] {
  const { zonelists, nodes: states } = context;
  const mask = user.nodes.filter((nid) => states.hasMemory(nid));
  const from = (nid: number, count: number): NodeTurn => {
    const nodes = zonelists.order(nid);
    return { nodes, preferred: nodes[0] ?? nid, units: count };
  };
  if (isInterleaved(user.policy) && mask.length > 0) {
    const weight = (nid: number): number =>
      user.policy === 'interleave' ? 1 : context.interleave.weight(nid);
    return [...interleave(mask, weight, units, turn)]
      .filter(([, count]) => count > 0)
      .map(([nid, count]) => from(nid, count));
  }
  if (user.policy === 'preferred') return [from(user.nodes[0] ?? user.home, units)];
  const local = from(user.home, units);
  if (user.policy !== 'bind' || !maskApplies(states, user)) return [local];
  const bound = local.nodes.filter((nid) => mask.includes(nid));
  return [{ nodes: bound, preferred: bound[0] ?? user.home, units }];
}
