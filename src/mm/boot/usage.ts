/**
 * What an idle system has in use after boot: a fixed share of every kernel zone, so that a machine
 * always boots to the same figures. Kernel data lies at the bottom of the zone, behind what boot
 * reserved.
 */
import { KIB_PER_PAGE } from '../constants.ts';
import type { NumaNode } from '../node/numa-node.ts';
import { takePages } from '../page-allocator/bulk.ts';
import { BOOT_KERNEL_KIND, PAGE_KIND } from '../page-allocator/page-kind.ts';
import type { PageOwners } from '../page-allocator/page-owner.ts';
import type { VmCounter } from '../vm-counters.ts';
import type { Zone, ZoneLru } from '../zone/zone.ts';

const USED_SHARE = 0.03;

/** Parts of what is in use, by counter. */
const SHARES: readonly (readonly [VmCounter, number])[] = [
  ['nr_active_anon', 0.05],
  ['nr_inactive_anon', 0.1],
  ['nr_anon_pages', 0.15],
  ['nr_active_file', 0.15],
  ['nr_inactive_file', 0.3],
  ['nr_file_pages', 0.45],
  ['nr_mapped', 0.1],
  ['nr_slab_reclaimable', 0.1],
  ['nr_slab_unreclaimable', 0.1],
  ['nr_page_table_pages', 0.02],
];
const STACK_SHARE = 0.01;
/** The others are the kernel's own and never move. */
const ANON_SHARE = 0.15;
const FILE_SHARE = 0.45;

const LRU_SHARES: readonly (readonly [keyof ZoneLru, number])[] = [
  ['nr_zone_inactive_anon', 0.1],
  ['nr_zone_active_anon', 0.05],
  ['nr_zone_inactive_file', 0.3],
  ['nr_zone_active_file', 0.15],
];

function useZone(zone: Zone, owners: PageOwners): number {
  const used = Math.floor(zone.managed * USED_SHARE);
  const anon = Math.floor(used * ANON_SHARE);
  const file = Math.floor(used * FILE_SHARE);
  const name = `node ${zone.nid} zone ${zone.name}`;
  takePages(
    zone.pages,
    owners.create(`kernel data of the boot, ${name}`, BOOT_KERNEL_KIND),
    used - anon - file,
  );
  takePages(zone.pages, owners.create(`programs of the boot, ${name}`, PAGE_KIND.anon), anon);
  takePages(
    zone.pages,
    owners.create(`page cache of the boot, ${name}`, PAGE_KIND.pagecache),
    file,
  );
  for (const [counter, share] of LRU_SHARES) zone.lru[counter] = Math.floor(used * share);
  return used;
}

export function useBootMemory(node: NumaNode, owners: PageOwners): void {
  let used = 0;
  for (const zone of node.zones) used += useZone(zone, owners);
  for (const [name, share] of SHARES) node.counters[name] = Math.floor(used * share);
  node.counters.nr_kernel_stack = Math.floor(used * STACK_SHARE) * KIB_PER_PAGE;
}
