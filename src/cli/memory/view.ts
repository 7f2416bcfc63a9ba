/**
 * What `cxlbox memory` shows, read from sysfs and /proc alone, so that it works on a box and on a
 * real host.
 */
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { parseZoneinfo, type ZoneFigures } from '../../sysfs-client/zoneinfo.ts';
import { PAGE_SIZE } from '../../units.ts';
import { type BlockRange, blockSizeOf, readBlocks } from '../common/block-ranges.ts';
import { linkName, look, names } from '../common/look.ts';
import { findBlockers } from './blockers.ts';
import type { DaxMemoryView, MemmapView, MemoryView, NodeView } from './types.ts';

const NODE = '/sys/devices/system/node';
const TIERS = '/sys/devices/virtual/memory_tiering';
const DAX = '/sys/bus/dax/devices';
const ZONE_MOVABLE = 'Movable';

export function countOf({
  first,
  last,
}: {
  readonly first: number;
  readonly last: number;
}): number {
  return last - first + 1;
}

/** `0-2,5` */
function ids(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number);
    if (part === '' || from === undefined || to === undefined) return [];
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

async function tiersByNode(client: SysfsClient): Promise<Map<number, number>> {
  const tiers = new Map<number, number>();
  for (const name of await names(client, TIERS)) {
    const tier = /^memory_tier(\d+)$/.exec(name)?.[1];
    if (tier === undefined) continue;
    for (const node of ids((await look(client, `${TIERS}/${name}/nodelist`)) ?? ''))
      tiers.set(node, Number(tier));
  }
  return tiers;
}

function blocksOfNode(blocks: readonly BlockRange[], node: number, online: boolean): number {
  return blocks
    .filter(({ nodes, state }) => nodes.includes(node) && (state === 'online') === online)
    .reduce((sum, range) => sum + countOf(range), 0);
}

async function readNodes(
  client: SysfsClient,
  zones: readonly ZoneFigures[],
  blocks: readonly BlockRange[],
): Promise<NodeView[]> {
  const tiers = await tiersByNode(client);
  const views: NodeView[] = [];
  for (const name of await names(client, NODE)) {
    const id = Number(/^node(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(id)) continue;
    views.push({
      id,
      cpus: (await look(client, `${NODE}/${name}/cpulist`)) ?? '',
      tier: tiers.get(id),
      zones: zones
        .filter(({ node }) => node === id)
        .map(({ zone, present, managed, free }) => ({
          name: zone,
          present: present * PAGE_SIZE,
          managed: managed * PAGE_SIZE,
          free: free * PAGE_SIZE,
        })),
      online: blocksOfNode(blocks, id, true),
      offline: blocksOfNode(blocks, id, false),
    });
  }
  return views;
}

async function readMemmap(client: SysfsClient, zones: readonly ZoneFigures[]): Promise<MemmapView> {
  const vmstat = (await look(client, '/proc/vmstat')) ?? '';
  const pages = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec(vmstat)?.[1] ?? 0);
  // Of a zone that only hotplugged memory is in, the pages that the allocator was not given are
  // page structures.
  const hosted = zones
    .filter(({ zone }) => zone === ZONE_MOVABLE)
    .reduce((sum, { present, managed }) => sum + present - managed, 0);
  const hotplugged = pages('nr_memmap_pages');
  return {
    policy: await look(client, '/sys/module/memory_hotplug/parameters/memmap_on_memory'),
    boot: pages('nr_memmap_boot_pages') * PAGE_SIZE,
    hotplugged: hotplugged * PAGE_SIZE,
    inOwnBlocks: Math.min(hosted, hotplugged) * PAGE_SIZE,
  };
}

/** Blocks of [first, last] that are online. */
function onlineIn(blocks: readonly BlockRange[], first: number, last: number): number {
  return blocks
    .filter(({ state }) => state === 'online')
    .reduce(
      (sum, range) =>
        sum + Math.max(0, Math.min(range.last, last) - Math.max(range.first, first) + 1),
      0,
    );
}

async function readDevices(
  client: SysfsClient,
  blocks: readonly BlockRange[],
  blockSize: number,
): Promise<DaxMemoryView[]> {
  const views: DaxMemoryView[] = [];
  for (const name of await names(client, DAX)) {
    if ((await linkName(client, `${DAX}/${name}/driver`)) !== 'kmem') continue;
    const start = Number((await look(client, `${DAX}/${name}/resource`)) ?? Number.NaN);
    const size = Number((await look(client, `${DAX}/${name}/size`)) ?? Number.NaN);
    if (Number.isNaN(start) || Number.isNaN(size)) continue;
    const first = Math.ceil(start / blockSize);
    const last = Math.floor((start + size) / blockSize) - 1;
    views.push({
      name,
      node: Number((await look(client, `${DAX}/${name}/target_node`)) ?? -1),
      first,
      last,
      online: onlineIn(blocks, first, last),
      memmapOnMemory: (await look(client, `${DAX}/${name}/memmap_on_memory`)) === '1',
    });
  }
  return views;
}

/** Reads the machine behind `client`. */
export async function readMemory(client: SysfsClient): Promise<MemoryView> {
  const zones = parseZoneinfo((await look(client, '/proc/zoneinfo')) ?? '');
  const blockSize = await blockSizeOf(client);
  const blocks = await readBlocks(client, zones, blockSize);
  const nodes = await readNodes(client, zones, blocks);
  const memmap = await readMemmap(client, zones);
  const devices = await readDevices(client, blocks, blockSize);
  const blockers = await findBlockers(client, { nodes, blocks, memmap, devices });
  return { blockSize, nodes, blocks, memmap, devices, blockers };
}
