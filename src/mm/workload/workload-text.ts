/**
 * What is written to `create`: `NAME KIND SIZE [node=LIST] [policy=POLICY] [cpu=NODE]`.
 */
import { KernelError } from '../../errno.ts';
import { parseRangeList } from '../../kernfs/format.ts';
import { cString } from '../../kernfs/parse.ts';
import type { WorkloadKind } from '../page-allocator/page-kind.ts';
import { WORKLOAD_KINDS } from '../page-allocator/page-kind.ts';
import type { MemoryPolicy } from './memory-policy.ts';
import { MEMORY_POLICIES } from './memory-policy.ts';
import type { WorkloadRequest } from './workload.ts';

const SUFFIX_SHIFT: Readonly<Record<string, number>> = { '': 0, k: 10, m: 20, g: 30, t: 40 };

/** memparse(): bytes with an optional K, M, G or T. EINVAL for any other text. */
export function parseSize(text: string): number {
  const match = /^(\d{1,15})([kmgt]?)$/i.exec(cString(text).trim());
  const size = Number(match?.[1]) * 2 ** (SUFFIX_SHIFT[match?.[2]?.toLowerCase() ?? ''] ?? 0);
  if (match === null || !Number.isSafeInteger(size))
    throw new KernelError(
      'EINVAL',
      `not a size: '${cString(text).trim()}'; write bytes, or 512M, 4G`,
    );
  return size;
}

function kindOf(text: string): WorkloadKind {
  const kind = WORKLOAD_KINDS.find((each) => each === text);
  if (kind === undefined)
    throw new KernelError('EINVAL', `no kind '${text}'; there are ${WORKLOAD_KINDS.join(', ')}`);
  return kind;
}

function policyOf(text: string): MemoryPolicy {
  const policy = MEMORY_POLICIES.find((each) => each === text);
  if (policy === undefined)
    throw new KernelError('EINVAL', `no policy '${text}'; there are ${MEMORY_POLICIES.join(', ')}`);
  return policy;
}

/** MAX_NUMNODES of x86-64 distributions: no node has a higher number. */
const MAX_NODES = 1024;

function nodesOf(text: string): number[] {
  const nodes = parseRangeList(text, MAX_NODES);
  if (nodes === undefined || nodes.length === 0)
    throw new KernelError('EINVAL', `no list of nodes: '${text}'`);
  return nodes;
}

const OPTIONS = ['node', 'policy', 'cpu'];

function optionsOf(words: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (const word of words) {
    const [key = '', value = ''] = word.split('=', 2);
    if (!OPTIONS.includes(key) || value === '' || options.has(key))
      throw new KernelError(
        'EINVAL',
        `'${word}' is not one of ${OPTIONS.map((each) => `${each}=...`).join(', ')}`,
      );
    options.set(key, value);
  }
  return options;
}

/** EINVAL: not of that form. */
export function parseWorkload(text: string): WorkloadRequest {
  const [name, kind, size, ...rest] = cString(text).trim().split(/\s+/);
  if (name === undefined || kind === undefined || size === undefined)
    throw new KernelError(
      'EINVAL',
      'NAME KIND SIZE [node=LIST] [policy=POLICY] [cpu=NODE] is expected',
    );
  const options = optionsOf(rest);
  const [nodes, policy, cpu] = ['node', 'policy', 'cpu'].map((key) => options.get(key));
  return {
    name,
    kind: kindOf(kind),
    size: parseSize(size),
    nodes: nodes === undefined ? undefined : nodesOf(nodes),
    policy: policy === undefined ? undefined : policyOf(policy),
    home: cpu === undefined ? undefined : nodesOf(cpu)[0],
  };
}
