/**
 * What `cxlbox show` shows: regions with what their drivers made of them, memory blocks, nodes;
 * read from sysfs alone, so that it works on a box and on a real host.
 */
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { SysfsError } from '../../sysfs-client/sysfs-client.ts';

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

/**
 * The trimmed content, or undefined where the file is missing or unreadable: a view shows what
 * there is.
 */
export async function look(client: SysfsClient, path: string): Promise<string | undefined> {
  try {
    return (await client.read(path)).trim();
  } catch (error) {
    if (error instanceof SysfsError) return undefined;
    throw error;
  }
}

export async function names(client: SysfsClient, path: string): Promise<string[]> {
  try {
    return await client.list(path);
  } catch (error) {
    if (error instanceof SysfsError) return [];
    throw error;
  }
}

export async function linkName(client: SysfsClient, path: string): Promise<string | undefined> {
  try {
    return (await client.readlink(path)).split('/').at(-1);
  } catch (error) {
    if (error instanceof SysfsError) return undefined;
    throw error;
  }
}

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

async function blocks(client: SysfsClient): Promise<BlockRange[]> {
  const ranges: BlockRange[] = [];
  for (const name of await names(client, MEMORY)) {
    const id = Number(/^memory(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(id)) continue;
    const state = (await look(client, `${MEMORY}/${name}/state`)) ?? '?';
    const zones = (await look(client, `${MEMORY}/${name}/valid_zones`)) ?? '?';
    const node = (await names(client, `${MEMORY}/${name}`))
      .filter((each) => /^node\d+$/.test(each))
      .join(',');
    const last = ranges.at(-1);
    const alike =
      last?.last === id - 1 && last.state === state && last.zones === zones && last.node === node;
    if (last !== undefined && alike) ranges[ranges.length - 1] = { ...last, last: id };
    else ranges.push({ first: id, last: id, state, zones, node });
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

/** Reads the machine behind `client`. */
export async function survey(client: SysfsClient): Promise<Survey> {
  const regions: DeviceView[] = [];
  for (const name of await names(client, '/sys/bus/cxl/devices')) {
    if (/^region\d+$/.test(name))
      regions.push(await device(client, `/sys/bus/cxl/devices/${name}`, name));
  }
  const blockSize = Number.parseInt((await look(client, `${MEMORY}/block_size_bytes`)) ?? '0', 16);
  return { regions, blockSize, blocks: await blocks(client), nodes: await nodes(client) };
}
