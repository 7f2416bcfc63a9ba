/**
 * `workload/`: who uses memory in a machine that runs no programs.
 */
import { parseRangeList, rangeList } from '../kernfs/format.ts';
import { type BoxFile, malformed, parseLines, wordsOf } from './box-file.ts';

export const WORKLOAD_KINDS = [
  'anon',
  'pagecache',
  'kernel',
  'pinned',
  'hugetlb-2M',
  'hugetlb-1G',
] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Those of set_mempolicy(2). */
export const MEMORY_POLICIES = [
  'default',
  'bind',
  'preferred',
  'interleave',
  'weighted-interleave',
] as const;
export type MemoryPolicy = (typeof MEMORY_POLICIES)[number];

export interface WorkloadRequest {
  /** Letters, digits, `.`, `_` and `-`; it names a directory. */
  readonly name: string;
  readonly kind: WorkloadKind;
  /** Bytes; whole huge pages of a hugetlb kind, otherwise rounded up to a page. */
  readonly size: number;
  readonly policy?: MemoryPolicy | undefined;
  readonly nodes?: readonly number[] | undefined;
  /** The node of the processor that asks; default the lowest with processors. */
  readonly home?: number | undefined;
}

/** Pages of a workload in one zone. */
export interface Placement {
  readonly node: number;
  readonly zone: string;
  readonly pages: number;
  /** Memory blocks. */
  readonly blocks: readonly number[];
}

const SUFFIX_SHIFT: Readonly<Record<string, number>> = { '': 0, k: 10, m: 20, g: 30, t: 40 };

/**
 * memparse() of the kernel: bytes with an optional K, M, G or T of either case. EINVAL otherwise.
 */
function memparse(text: string): number {
  const match = /^(\d{1,16})([kmgt]?)$/i.exec(text);
  const size = Number(match?.[1]) * 2 ** (SUFFIX_SHIFT[match?.[2]?.toLowerCase() ?? ''] ?? 0);
  if (match === null || !Number.isSafeInteger(size))
    throw malformed(`not a size: '${text}'; write bytes, or 512M, 4G`);
  return size;
}

function wordOf<T extends string>(what: string, text: string, words: readonly T[]): T {
  const word = words.find((each) => each === text);
  if (word === undefined) throw malformed(`no ${what} '${text}'; there are ${words.join(', ')}`);
  return word;
}

/** MAX_NUMNODES of x86-64 distributions: no node has a higher number. */
const MAX_NODES = 1024;

function nodesOf(text: string): number[] {
  const nodes = parseRangeList(text, MAX_NODES);
  if (nodes === undefined || nodes.length === 0) throw malformed(`no list of nodes: '${text}'`);
  return nodes;
}

const OPTIONS = ['node', 'policy', 'cpu'] as const;
type Option = (typeof OPTIONS)[number];

function optionsOf(words: readonly string[]): Map<Option, string> {
  const options = new Map<Option, string>();
  for (const word of words) {
    const [key, value = ''] = word.split('=', 2);
    const option = OPTIONS.find((each) => each === key);
    if (option === undefined || value === '' || options.has(option))
      throw malformed(`'${word}' is not one of ${OPTIONS.map((each) => `${each}=...`).join(', ')}`);
    options.set(option, value);
  }
  return options;
}

function parseRequest(text: string): WorkloadRequest {
  const [name, kind, size, ...rest] = wordsOf(text);
  if (name === undefined || kind === undefined || size === undefined)
    throw malformed('NAME KIND SIZE [node=LIST] [policy=POLICY] [cpu=NODE] is expected');
  const options = optionsOf(rest);
  const [nodes, policy, cpu] = OPTIONS.map((key) => options.get(key));
  return {
    name,
    kind: wordOf('kind', kind, WORKLOAD_KINDS),
    size: memparse(size),
    ...(nodes === undefined ? {} : { nodes: nodesOf(nodes) }),
    ...(policy === undefined ? {} : { policy: wordOf('policy', policy, MEMORY_POLICIES) }),
    ...(cpu === undefined ? {} : { home: nodesOf(cpu)[0] }),
  };
}

function formatRequest({ name, kind, size, nodes, policy, home }: WorkloadRequest): string {
  const options = [
    nodes === undefined ? [] : [`node=${rangeList(nodes)}`],
    policy === undefined ? [] : [`policy=${policy}`],
    home === undefined ? [] : [`cpu=${home}`],
  ];
  return `${[name, kind, size, ...options.flat()].join(' ')}\n`;
}

function oneWord(text: string): string {
  const [word, ...more] = wordsOf(text);
  if (word === undefined || more.length > 0)
    throw malformed(`one word is expected, not '${text.trim().slice(0, 40)}'`);
  return word;
}

const page = 'memory-model.md';

export const WORKLOAD_CREATE: BoxFile<WorkloadRequest> = {
  path: 'workload/create',
  mode: 0o200,
  content: '`NAME KIND SIZE [node=LIST] [policy=POLICY] [cpu=NODE]`',
  page,
  format: formatRequest,
  parse: parseRequest,
};

export const WORKLOAD_DELETE: BoxFile<string> = {
  path: 'workload/delete',
  mode: 0o200,
  content: '`NAME`: the workload ends',
  page,
  format: (name) => `${name}\n`,
  parse: oneWord,
};

export const WORKLOAD_SIZE: BoxFile<number> = {
  path: 'workload/NAME/size',
  mode: 0o644,
  content: 'bytes; it takes `512M` and `4G` as well',
  page,
  format: (size) => `${size}\n`,
  parse: (text) => memparse(wordsOf(text).join(' ')),
};

export const WORKLOAD_KIND: BoxFile<WorkloadKind> = {
  path: 'workload/NAME/kind',
  mode: 0o444,
  content: 'the kind that it was made with',
  page,
  format: (kind) => `${kind}\n`,
  parse: (text) => wordOf('kind', oneWord(text), WORKLOAD_KINDS),
};

export const WORKLOAD_POLICY: BoxFile<MemoryPolicy> = {
  path: 'workload/NAME/policy',
  mode: 0o444,
  content: 'its memory policy',
  page,
  format: (policy) => `${policy}\n`,
  parse: (text) => wordOf('policy', oneWord(text), MEMORY_POLICIES),
};

export const WORKLOAD_NODES: BoxFile<readonly number[]> = {
  path: 'workload/NAME/nodes',
  mode: 0o444,
  content: 'the nodes of its policy, as `0-1,3`; empty without',
  page,
  format: (nodes) => `${rangeList(nodes)}\n`,
  parse: (text) => {
    const list = wordsOf(text).join(' ');
    return list === '' ? [] : nodesOf(list);
  },
};

export const WORKLOAD_PLACEMENT: BoxFile<readonly Placement[]> = {
  path: 'workload/NAME/placement',
  mode: 0o444,
  content: 'a line for each zone: `node=N zone=ZONE pages=N blocks=LIST`',
  page,
  format: (shares) =>
    shares
      .map(
        ({ node, zone, pages, blocks }) =>
          `node=${node} zone=${zone} pages=${pages} blocks=${rangeList(blocks)}\n`,
      )
      .join(''),
  parse: (text) =>
    parseLines(text, 'node=N zone=ZONE pages=N blocks=LIST', (line) => {
      const [, node, zone, pages, list = ''] =
        /^node=(\d+) zone=(\S+) pages=(\d+) blocks=(\S*)$/.exec(line) ?? [];
      const blocks = parseRangeList(list, Number.POSITIVE_INFINITY);
      if (zone === undefined || blocks === undefined) return undefined;
      return { node: Number(node), zone, pages: Number(pages), blocks };
    }),
};
