/**
 * The memory side of a description with its defaults: nodes, distances, firmware tables, boot
 * options.
 */
import type { AccessCoordinates, MemoryRange, NodePerformance } from '../../mm/config.ts';
import { largest } from '../../units.ts';
import { type AbiProfile, PROFILES } from '../profiles/index.ts';
import { LIMITS } from './limits.ts';
import type { RawHmat, RawMachine, RawNode } from './schema.ts';
import type { BootOptions, HmatDescription, NodeDescription } from './types.ts';

const GIB = 2 ** 30;
const DEFAULT_MEMORY: readonly MemoryRange[] = [{ start: 0, size: 2 * GIB }];
const LOCAL_DISTANCE = 10;
const REMOTE_DISTANCE = 20;

export function resolveRange(raw: { base: number; size: number }): MemoryRange {
  return { start: raw.base, size: raw.size };
}

/** Id of the node at `index`: as written, else its place in the list. */
export function nodeId(raw: RawNode, index: number): number {
  return raw.id ?? index;
}

export function resolveNodes(raw: RawMachine): NodeDescription[] {
  if (raw.nodes === undefined)
    return [{ id: 0, cpus: [0], memory: DEFAULT_MEMORY, zones: undefined }];
  return raw.nodes
    .map((node, index) => ({
      id: nodeId(node, index),
      cpus: node.cpus ?? [],
      memory: (node.memory ?? []).map(resolveRange),
      zones: node.zones?.map(({ start_pfn, ...zone }) => ({ ...zone, startPfn: start_pfn })),
    }))
    .sort((left, right) => left.id - right.id);
}

/**
 * Rows by node id; what is not written is 10 to itself and 20 to others, or the other direction if
 * that is written.
 */
export function resolveDistances(raw: RawMachine): number[][] {
  const written = new Map<string, number>();
  for (const [index, node] of (raw.nodes ?? []).entries()) {
    const from = nodeId(node, index);
    const { distances = {} } = node;
    for (const [to, distance] of Object.entries(distances)) written.set(`${from} ${to}`, distance);
  }
  const ids = [...written.keys()].flatMap((pair) => pair.split(' ').map(Number));
  // The checks refuse other keys; until then nothing may be made as large as they say.
  const size =
    1 +
    largest(
      ids.filter((id) => id < LIMITS.nodes),
      -1,
    );
  const between = (from: number, to: number): number =>
    written.get(`${from} ${to}`) ??
    written.get(`${to} ${from}`) ??
    (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
  const all = Array.from({ length: size }, (_, id) => id);
  return all.map((from) => all.map((to) => between(from, to)));
}

type MatrixName = 'read_latency' | 'write_latency' | 'read_bandwidth' | 'write_bandwidth';

function cell(raw: RawHmat, name: MatrixName, row: number, column: number): number {
  const both = name.endsWith('latency') ? raw.latency : raw.bandwidth;
  return (raw[name] ?? both)?.[row]?.[column] ?? 0;
}

function coordinatesAt(raw: RawHmat, row: number, column: number): AccessCoordinates {
  return {
    readLatency: cell(raw, 'read_latency', row, column),
    writeLatency: cell(raw, 'write_latency', row, column),
    readBandwidth: cell(raw, 'read_bandwidth', row, column),
    writeBandwidth: cell(raw, 'write_bandwidth', row, column),
  };
}

export function resolveHmat(raw: RawHmat | undefined): HmatDescription | undefined {
  if (raw === undefined) return undefined;
  const performance: NodePerformance[] = raw.initiators.flatMap((initiator, row) =>
    raw.targets.map((target, column) => ({
      initiator,
      target,
      coordinates: coordinatesAt(raw, row, column),
    })),
  );
  return {
    performance,
    localInitiators: Object.entries(raw.local ?? {}).map(([target, initiator]) => ({
      target: Number(target),
      initiator,
    })),
    memorySideCaches: (raw.caches ?? []).map((cache) => ({
      nid: cache.node,
      level: cache.level ?? 1,
      size: cache.size,
      lineSize: cache.line_size ?? 64,
      indexing: cache.indexing ?? 0,
      writePolicy: cache.write_policy ?? 0,
      addressMode: cache.address_mode,
    })),
  };
}

const DEFAULT_MOVABLE_RATIO = 301;

export function resolveBoot(raw: RawMachine['boot'], abi: AbiProfile): BootOptions {
  return {
    autoOnlineBlocks: raw?.auto_online_blocks ?? PROFILES[abi].defaultOnlineType,
    memmapOnMemory: raw?.memmap_on_memory ?? 'N',
    onlinePolicy: raw?.online_policy ?? 'contig-zones',
    autoMovableRatio: raw?.auto_movable_ratio ?? DEFAULT_MOVABLE_RATIO,
    autoMovableNumaAware: raw?.auto_movable_numa_aware ?? true,
    movableNode: raw?.movable_node ?? false,
    hypervisor: raw?.hypervisor ?? false,
    modules: raw?.modules ?? 'builtin',
  };
}
