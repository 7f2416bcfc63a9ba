/**
 * What `cxlbox show` shows: regions with what their drivers made of them, memory blocks, nodes;
 * read from sysfs alone, so that it works on a box and on a real host.
 */
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { parseZoneinfo } from '../../sysfs-client/zoneinfo.ts';
import { blockSizeOf, readBlocks } from '../common/block-ranges.ts';
import { linkName, look, names } from '../common/look.ts';

/** A device of a region's hierarchy: regionN, sysram_regionN, dax_regionN, pmem_regionN, daxN.Y. */
export interface DeviceView {
  readonly name: string;
  readonly driver: string | undefined;
  /** What tells most about it, by attribute name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly children: readonly DeviceView[];
}

/** Neighbouring memory blocks alike in all that is shown. */
export interface BlockRange {
  readonly first: number;
  readonly last: number;
  readonly state: string;
  readonly zones: string;
  readonly node: string;
}

export interface NodeView {
  readonly name: string;
  readonly cpus: string;
  /** kB, as meminfo says. */
  readonly total: number;
  readonly free: number;
}

export interface Survey {
  readonly regions: readonly DeviceView[];
  readonly blockSize: number;
  readonly blocks: readonly BlockRange[];
  readonly nodes: readonly NodeView[];
}

const HIERARCHY = /^(region\d+|sysram_region\d+|dax_region\d+|pmem_region\d+|dax\d+\.\d+)$/;

/** Facts by kind of device, in the order shown. */
const FACTS: readonly { readonly kind: RegExp; readonly attributes: readonly string[] }[] = [
  { kind: /^region/, attributes: ['mode', 'size', 'commit', 'interleave_ways', 'resource'] },
  { kind: /^sysram_region/, attributes: ['online_type'] },
  { kind: /^dax\d/, attributes: ['size', 'target_node', 'memmap_on_memory'] },
];

async function device(client: SysfsClient, path: string, name: string): Promise<DeviceView> {
  const facts: Record<string, string> = {};
  const attributes = FACTS.find(({ kind }) => kind.test(name))?.attributes ?? [];
  for (const attribute of attributes) {
    const value = await look(client, `${path}/${attribute}`);
    if (value !== undefined) facts[attribute] = value;
  }
  const children: DeviceView[] = [];
  for (const child of await names(client, path)) {
    if (HIERARCHY.test(child)) children.push(await device(client, `${path}/${child}`, child));
  }
  return { name, driver: await linkName(client, `${path}/driver`), facts, children };
}

const MEMORY = '/sys/devices/system/memory';
const NODE = '/sys/devices/system/node';

/**
 * `valid_zones` of blocks [first, last] of one node and state. Zones begin and end at online blocks,
 * so what neighbours that are offline would go to differs rarely: where both ends say the same, all
 * between do.
 */
async function zonesOf(
  client: SysfsClient,
  first: number,
  last: number,
): Promise<Pick<BlockRange, 'first' | 'last' | 'zones'>[]> {
  const zonesAt = async (id: number): Promise<string> =>
    (await look(client, `${MEMORY}/memory${id}/valid_zones`)) ?? '?';
  const zones = await zonesAt(first);
  if (first === last || (await zonesAt(last)) === zones) return [{ first, last, zones }];
  const middle = Math.floor((first + last) / 2);
  return [...(await zonesOf(client, first, middle)), ...(await zonesOf(client, middle + 1, last))];
}

async function blocks(client: SysfsClient, blockSize: number): Promise<BlockRange[]> {
  const figures = parseZoneinfo((await look(client, '/proc/zoneinfo')) ?? '');
  const ranges: BlockRange[] = [];
  for (const { first, last, state, zone, nodes } of await readBlocks(client, figures, blockSize)) {
    const node = nodes.map((nid) => `node${nid}`).join(',');
    const parts =
      zone === undefined ? await zonesOf(client, first, last) : [{ first, last, zones: zone }];
    for (const part of parts) {
      const before = ranges.at(-1);
      const alike =
        before?.last === part.first - 1 &&
        before.state === state &&
        before.zones === part.zones &&
        before.node === node;
      if (alike) ranges[ranges.length - 1] = { ...before, last: part.last };
      else ranges.push({ ...part, state, node });
    }
  }
  return ranges;
}

function kilobytes(meminfo: string, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(meminfo)?.[1] ?? 0);
}

async function nodes(client: SysfsClient): Promise<NodeView[]> {
  const views: NodeView[] = [];
  for (const name of await names(client, NODE)) {
    if (!/^node\d+$/.test(name)) continue;
    const meminfo = (await look(client, `${NODE}/${name}/meminfo`)) ?? '';
    const cpus = (await look(client, `${NODE}/${name}/cpulist`)) ?? '';
    views.push({
      name,
      cpus,
      total: kilobytes(meminfo, 'MemTotal'),
      free: kilobytes(meminfo, 'MemFree'),
    });
  }
  return views;
}

async function regions(client: SysfsClient): Promise<DeviceView[]> {
  const views: DeviceView[] = [];
  for (const name of await names(client, '/sys/bus/cxl/devices')) {
    if (/^region\d+$/.test(name))
      views.push(await device(client, `/sys/bus/cxl/devices/${name}`, name));
  }
  return views;
}

/** Reads the machine behind `client`; with `only`, of its sections that one. */
export async function survey(client: SysfsClient, only?: keyof Survey): Promise<Survey> {
  const wants = (section: keyof Survey): boolean => only === undefined || only === section;
  const blockSize = await blockSizeOf(client);
  return {
    regions: wants('regions') ? await regions(client) : [],
    blockSize,
    blocks: wants('blocks') ? await blocks(client, blockSize) : [],
    nodes: wants('nodes') ? await nodes(client) : [],
  };
}
