/**
 * Comparisons between parts of a description: nodes, memory ranges, firmware tables.
 */
import type { MemoryRange } from '../../mm/config.ts';
import type { DocumentPath, Finding } from './error.ts';
import { nodeId } from './resolve-nodes.ts';
import type { RawMachine } from './schema.ts';
import type { MachineDescription } from './types.ts';
import { formatSize } from './units.ts';

const MIN_BLOCK_SIZE = 128 * 2 ** 20;

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

/** One finding for each range that overlaps an earlier one. */
export function overlaps(ranges: readonly Placed<MemoryRange>[]): Finding[] {
  return ranges.flatMap(({ value, path, what }, index) => {
    const met = ranges
      .slice(0, index)
      .find(
        ({ value: other }) =>
          value.start < other.start + other.size && other.start < value.start + value.size,
      );
    if (met === undefined) return [];
    const message = `found ${what} at ${rangeText(value)}, expected it not to overlap ${met.what} at ${rangeText(met.value)}`;
    return [{ path, message }];
  });
}

/** Memory of nodes and windows, in one physical address space. */
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
  return overlaps([...memory, ...windows]);
}

function blockSize(machine: MachineDescription): Finding[] {
  const size = machine.memoryBlockSize;
  const good = size >= MIN_BLOCK_SIZE && Number.isInteger(Math.log2(size));
  if (good) return [];
  return [
    {
      path: ['memory_block_size'],
      message: `found ${formatSize(size)}, expected a power of two from 128MiB`,
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

function sharedCpus(raw: RawMachine): Finding[] {
  const owners = new Map<number, number>();
  return (raw.nodes ?? []).flatMap((node, index) =>
    (node.cpus ?? []).flatMap((cpu) => {
      const owner = owners.get(cpu);
      owners.set(cpu, owner ?? nodeId(node, index));
      if (owner === undefined) return [];
      return [
        {
          path: ['nodes', index, 'cpus'],
          message: `found CPU ${cpu}, expected a CPU that node ${owner} does not have`,
        },
      ];
    }),
  );
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
    ...hmatShape(raw),
  ];
}
