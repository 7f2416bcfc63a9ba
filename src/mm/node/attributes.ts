/**
 * The files of `node<Y>` (`drivers/base/node.c`, 7.2).
 */

import { KernelError } from '../../errno.ts';
import type { Attribute, AttributeGroup } from '../../kernfs/attribute.ts';
import { cpuMask, rangeList } from '../../kernfs/format.ts';
import { cString } from '../../kernfs/parse.ts';
import { NODE_FILES } from '../sources.ts';
import { nodeMeminfo, nodeNumastat, nodeVmstat } from './meminfo.ts';
import type { MemoryFailures, NodeStates, NumaNode } from './numa-node.ts';

export interface NodeObject {
  readonly node: NumaNode;
  readonly nodes: NodeStates;
}

/** nr_cpu_ids: one more than the highest processor. */
function cpuBits(nodes: NodeStates): number {
  const cpus = nodes.ids('has_cpu').flatMap((nid) => [...nodes.node(nid).cpus]);
  return Math.max(0, ...cpus) + 1;
}

/** node_read_distance(): a space before each value except that of node 0. */
function distances({ node, nodes }: NodeObject): string {
  const values = nodes
    .ids('online')
    .map((nid) => `${nid === 0 ? '' : ' '}${nodes.distance(node.id, nid)}`);
  return `${values.join('')}\n`;
}

/**
 * Nothing can be reclaimed, so any wish beyond zero bytes fails: EAGAIN, as every failure of this
 * file.
 */
function reclaim(text: string): void {
  if (/^0(x0+)?\s*$/i.test(cString(text))) return;
  throw new KernelError('EAGAIN', 'nothing to reclaim');
}

const BINARY = { binary: true } as const;

const ATTRIBUTES: readonly Attribute<NodeObject>[] = [
  {
    name: 'cpumap',
    mode: 0o444,
    options: BINARY,
    show: ({ node, nodes }) => `${cpuMask(node.cpus, cpuBits(nodes))}\n`,
  },
  {
    name: 'cpulist',
    mode: 0o444,
    options: BINARY,
    show: ({ node }) => `${rangeList(node.cpus)}\n`,
  },
  { name: 'meminfo', mode: 0o444, show: ({ node }) => nodeMeminfo(node) },
  { name: 'numastat', mode: 0o444, show: ({ node }) => nodeNumastat(node) },
  { name: 'distance', mode: 0o444, show: distances },
  { name: 'vmstat', mode: 0o444, show: ({ node }) => nodeVmstat(node) },
  { name: 'compact', mode: 0o200, store: () => undefined },
  { name: 'reclaim', mode: 0o200, store: (_node, text) => reclaim(text) },
];

const FAILURES: readonly (keyof MemoryFailures)[] = [
  'total',
  'ignored',
  'failed',
  'delayed',
  'recovered',
];

export const NODE_GROUPS: readonly AttributeGroup<NodeObject>[] = [
  { attributes: ATTRIBUTES, source: NODE_FILES },
  {
    name: 'memory_failure',
    source: {
      document: 'ABI/testing/sysfs-memory-page-offline and sysfs-devices-node',
      code: 'mm/memory-failure.c',
    },
    attributes: FAILURES.map((name) => ({
      name,
      mode: 0o444,
      show: ({ node }) => `${node.memoryFailures[name]}\n`,
    })),
  },
];
