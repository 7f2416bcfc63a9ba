/**
 * State, zone and node of all memory blocks, as ranges of blocks alike.
 *
 * A host may have half a million blocks, and three files to read for each take minutes. A zone
 * without holes says what all blocks in its span are, and a block in no zone's span is offline:
 * only the blocks in between are read.
 */
import { blockIds } from '../../sysfs-client/memory-blocks.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import type { ZoneFigures } from '../../sysfs-client/zoneinfo.ts';
import { PAGE_SIZE } from '../../units.ts';
import { look, names } from './look.ts';

const MEMORY = '/sys/devices/system/memory';
const NODE = '/sys/devices/system/node';

export interface BlockRange {
  readonly first: number;
  readonly last: number;
  readonly state: string;
  /** The zone of online blocks; undefined for offline ones and for those of several zones. */
  readonly zone: string | undefined;
  /** Several where a block of boot memory spans nodes. */
  readonly nodes: readonly number[];
}

type BlockState = Pick<BlockRange, 'state' | 'zone'>;

/** What is known of a block without a look at it; undefined where only a look tells. */
interface Deduced {
  readonly state: BlockState | undefined;
  readonly nodes: readonly number[] | undefined;
}

const UNKNOWN: Deduced = { state: undefined, nodes: undefined };
const OFFLINE: Deduced = { state: { state: 'offline', zone: undefined }, nodes: undefined };

async function readState(client: SysfsClient, id: number): Promise<BlockState> {
  const state = (await look(client, `${MEMORY}/memory${id}/state`)) ?? 'unknown';
  const zones = await look(client, `${MEMORY}/memory${id}/valid_zones`);
  const zone = state !== 'online' || zones === 'none' ? undefined : zones;
  return { state, zone };
}

/** What the zones tell of a block. */
function deduce(zones: readonly ZoneFigures[], startPfn: number, pages: number): Deduced {
  // On a host without the file, its blocks are asked.
  if (zones.length === 0) return UNKNOWN;
  const meeting = zones.filter(
    (zone) => startPfn < zone.startPfn + zone.spanned && zone.startPfn < startPfn + pages,
  );
  const [only] = meeting;
  if (only === undefined) return OFFLINE;
  const inside = startPfn >= only.startPfn && startPfn + pages <= only.startPfn + only.spanned;
  const whole = meeting.length === 1 && inside && only.present === only.spanned;
  return whole ? { state: { state: 'online', zone: only.zone }, nodes: [only.node] } : UNKNOWN;
}

/** Above this many blocks to ask for their nodes, the nodes are asked for their blocks. */
const FEW = 64;

async function nodesOfBlock(client: SysfsClient, id: number): Promise<number[]> {
  const found = await names(client, `${MEMORY}/memory${id}`);
  return found.flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

async function nodesOf(
  client: SysfsClient,
  ids: readonly number[],
): Promise<ReadonlyMap<number, readonly number[]>> {
  if (ids.length > FEW) return nodesOfBlocks(client);
  const found = new Map<number, readonly number[]>();
  for (const id of ids) found.set(id, await nodesOfBlock(client, id));
  return found;
}

/** The nodes of each block, from the links of the node directories. */
async function nodesOfBlocks(client: SysfsClient): Promise<Map<number, number[]>> {
  const owners = new Map<number, number[]>();
  for (const name of await names(client, NODE)) {
    const node = /^node(\d+)$/.exec(name)?.[1];
    if (node === undefined) continue;
    for (const id of blockIds(await names(client, `${NODE}/${name}`))) {
      const known = owners.get(id);
      if (known === undefined) owners.set(id, [Number(node)]);
      else known.push(Number(node));
    }
  }
  return owners;
}

function sameNodes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((node, index) => node === b[index]);
}

const NO_NODES: readonly number[] = [];

/** Bytes of a block, 0 on a host without memory blocks. */
export async function blockSizeOf(client: SysfsClient): Promise<number> {
  return Number.parseInt((await look(client, `${MEMORY}/block_size_bytes`)) ?? '0', 16);
}

/** All blocks, ascending. */
export async function readBlocks(
  client: SysfsClient,
  zones: readonly ZoneFigures[],
  blockSize: number,
): Promise<BlockRange[]> {
  const pages = blockSize / PAGE_SIZE;
  const known = blockIds(await names(client, MEMORY)).map((id) => ({
    id,
    ...deduce(zones, id * pages, pages),
  }));
  const unknown = known.filter(({ nodes }) => nodes === undefined).map(({ id }) => id);
  const owners = await nodesOf(client, unknown);
  const ranges: (BlockRange & { last: number })[] = [];
  for (const { id, ...deduced } of known) {
    const { state, zone } = deduced.state ?? (await readState(client, id));
    const nodes = deduced.nodes ?? owners.get(id) ?? NO_NODES;
    const last = ranges.at(-1);
    const alike = last?.last === id - 1 && last.state === state && last.zone === zone;
    if (alike && sameNodes(last.nodes, nodes)) last.last = id;
    else ranges.push({ first: id, last: id, state, zone, nodes });
  }
  return ranges;
}
