/**
 * Comparisons between parts of a description: nodes, memory ranges, firmware tables.
 */
import { rangeList } from '../../kernfs/format.ts';
import type { MemoryRange } from '../../mm/config.ts';
import { exactSize } from '../../units.ts';
import { type DocumentPath, type Finding, shortened } from './error.ts';
import { LIMITS } from './limits.ts';
import { nodeId } from './resolve-nodes.ts';
import type { RawMachine } from './schema.ts';
import type { MachineDescription } from './types.ts';

/** A value with the place that it was written at. */
interface Placed<T> {
  readonly value: T;
  readonly path: DocumentPath;
  readonly what: string;
}

/** One finding for each value that an earlier one has already. */
export function duplicates(values: readonly Placed<unknown>[]): Finding[] {
  const first = new Map<unknown, string>();
  return values.flatMap(({ value, path, what }) => {
    const earlier = first.get(value);
    first.set(value, earlier ?? what);
    return earlier === undefined
      ? []
      : [
          {
            path,
            message: `found ${String(value)} a second time, expected another than that of ${earlier}`,
          },
        ];
  });
}

function rangeText({ start, size }: MemoryRange): string {
  return `0x${start.toString(16)}-0x${(start + size - 1).toString(16)}`;
}

/** One finding for each range that overlaps another: at the one that the file names later. */
export function overlaps(ranges: readonly Placed<MemoryRange>[]): Finding[] {
  const byStart = ranges
    .map((range, order) => ({ ...range, order }))
    .sort((left, right) => left.value.start - right.value.start || left.order - right.order);
  let reach: (typeof byStart)[number] | undefined;
  return byStart.flatMap((range) => {
    const before = reach;
    const end = range.value.start + range.value.size;
    if (before === undefined || end > before.value.start + before.value.size) reach = range;
    if (before === undefined || range.value.start >= before.value.start + before.value.size)
      return [];
    const [met, later] = before.order < range.order ? [before, range] : [range, before];
    const message = `found ${later.what} at ${rangeText(later.value)}, expected it not to overlap ${met.what} at ${rangeText(met.value)}`;
    return [{ path: later.path, message }];
  });
}

/** Memory of nodes and windows, in one physical address space; windows hold no System RAM. */
function addressSpace(raw: RawMachine, machine: MachineDescription): Finding[] {
  const memory = (raw.nodes ?? []).flatMap((node, index) =>
    (node.memory ?? []).map(({ base, size }, at) => ({
      value: { start: base, size },
      path: ['nodes', index, 'memory', at],
      what: `memory of node ${nodeId(node, index)}`,
    })),
  );
  const windows = machine.windows.map((window, index) => ({
    value: window,
    path: ['windows', index],
    what: `window ${index}`,
  }));
  const ram = (raw.system_ram ?? []).map(({ base, size }, index) => ({
    value: { start: base, size },
    path: ['system_ram', index],
    what: `system_ram[${index}]`,
  }));
  const all = [...memory, ...ram, ...windows];
  const beyond = all.flatMap(({ value, path, what }) => {
    if (value.start + value.size <= LIMITS.address) return [];
    const message = `found ${what} at ${rangeText(value)}, expected it to end below 2^52`;
    return [{ path, message }];
  });
  return [...overlaps([...memory, ...windows]), ...overlaps([...ram, ...windows]), ...beyond];
}

/** More memory than a machine of this kernel, or this model of it, could have. */
function tooMuchMemory(raw: RawMachine, machine: MachineDescription): Finding[] {
  const findings: Finding[] = [];
  let total = 0;
  const add = (size: number, most: number, what: string, path: DocumentPath): void => {
    const before = total;
    total += size;
    if (total <= most || before > most) return;
    const message = `found ${exactSize(total)} of memory ${what}, expected at most ${exactSize(most)}`;
    findings.push({ path, message });
  };
  for (const [index, { memory = [] }] of (raw.nodes ?? []).entries())
    for (const [at, { size }] of memory.entries())
      add(size, LIMITS.bootMemory, 'up to here', ['nodes', index, 'memory', at, 'size']);
  for (const [index, { size }] of machine.regions.entries())
    add(size, LIMITS.memory, 'in nodes and regions up to here', ['regions', index]);
  return findings;
}

function blockSize(machine: MachineDescription): Finding[] {
  const size = machine.memoryBlockSize;
  const { smallestBlock, largestBlock } = LIMITS;
  if (size >= smallestBlock && size <= largestBlock && Number.isInteger(Math.log2(size))) return [];
  return [
    {
      path: ['memory_block_size'],
      message: `found ${exactSize(size)}, expected a power of two from ${exactSize(smallestBlock)} to ${exactSize(largestBlock)}`,
    },
  ];
}

function emptyRanges(raw: RawMachine): Finding[] {
  const lists: readonly (readonly [DocumentPath, readonly { size: number }[]])[] = [
    ...(raw.nodes ?? []).map(
      (node, index) => [['nodes', index, 'memory'], node.memory ?? []] as const,
    ),
    [['system_ram'], raw.system_ram ?? []],
  ];
  return lists.flatMap(([path, ranges]) =>
    ranges.flatMap(({ size }, index) =>
      size > 0
        ? []
        : [{ path: [...path, index, 'size'], message: 'found 0, expected a size above 0' }],
    ),
  );
}

/** One finding for all processors that a node has in common with an earlier one. */
function sharedCpus(raw: RawMachine): Finding[] {
  const owners = new Map<number, number>();
  return (raw.nodes ?? []).flatMap((node, index) => {
    const common = new Map<number, number[]>();
    for (const cpu of node.cpus ?? []) {
      const owner = owners.get(cpu);
      if (owner === undefined) owners.set(cpu, nodeId(node, index));
      else common.set(owner, [...(common.get(owner) ?? []), cpu]);
    }
    return [...common].map(([owner, cpus]) => {
      const found = `found CPU${cpus.length === 1 ? '' : 's'} ${rangeList(cpus.sort((a, b) => a - b))}`;
      const expected =
        owner === nodeId(node, index)
          ? 'expected each of them once'
          : `expected CPUs that node ${owner} does not have`;
      return { path: ['nodes', index, 'cpus'], message: `${found}, ${expected}` };
    });
  });
}

const MATRICES = [
  'latency',
  'read_latency',
  'write_latency',
  'bandwidth',
  'read_bandwidth',
  'write_bandwidth',
] as const;

function hmatShape(raw: RawMachine): Finding[] {
  const { hmat } = raw;
  if (hmat === undefined) return [];
  return MATRICES.flatMap((name): Finding[] => {
    const rows = hmat[name];
    if (rows === undefined) return [];
    if (rows.length !== hmat.initiators.length) {
      const message = `found ${rows.length} rows, expected one for each of the ${hmat.initiators.length} initiators`;
      return [{ path: ['hmat', name], message }];
    }
    return rows.flatMap((row, index) => {
      if (row.length === hmat.targets.length) return [];
      const message = `found ${row.length} figures, expected one for each of the ${hmat.targets.length} targets`;
      return [{ path: ['hmat', name, index], message }];
    });
  });
}

/** A map of distances, or of local initiators, has nodes as its keys. */
function distanceKeys(raw: RawMachine): Finding[] {
  const maps: readonly (readonly [DocumentPath, object])[] = [
    ...(raw.nodes ?? []).map(
      ({ distances = [] }, index) => [['nodes', index, 'distances'], distances] as const,
    ),
    [['hmat', 'local'], raw.hmat?.local ?? {}],
  ];
  return maps.flatMap(([path, map]) =>
    Object.keys(map).flatMap((key) =>
      /^\d+$/.test(key) && Number(key) < LIMITS.nodes
        ? []
        : [
            {
              path: [...path, key],
              atKey: true,
              message: `found '${shortened(key)}', expected a node from 0 to ${LIMITS.nodes - 1}`,
            },
          ],
    ),
  );
}

function nodeIds(raw: RawMachine): Finding[] {
  const placed = (raw.nodes ?? []).map((node, index) => ({
    value: nodeId(node, index),
    path: ['nodes', index, 'id'],
    what: `nodes[${index}]`,
  }));
  return duplicates(placed);
}

export function memoryFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  return [
    ...blockSize(machine),
    ...nodeIds(raw),
    ...sharedCpus(raw),
    ...emptyRanges(raw),
    ...addressSpace(raw, machine),
    ...tooMuchMemory(raw, machine),
    ...distanceKeys(raw),
    ...hmatShape(raw),
  ];
}
