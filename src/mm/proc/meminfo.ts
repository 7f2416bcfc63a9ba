/**
 * /proc/meminfo (`fs/proc/meminfo.c`, 7.2). kB.
 */
import { KIB_PER_PAGE } from '../constants.ts';
import type { DirectMap } from '../hotplug/direct-map.ts';
import { hugePages, pagesInHugePages } from '../node/huge-pages.ts';
import type { NodeStates, NumaNode } from '../node/numa-node.ts';
import type { PoisonedPages } from '../poisoned-pages.ts';
import type { VmCounter } from '../vm-counters.ts';
import { watermarks } from '../zone/watermark.ts';

export interface MeminfoSources {
  readonly nodes: NodeStates;
  readonly directMap: DirectMap;
  readonly poison: PoisonedPages;
}

/** vm.overcommit_ratio, percent. */
const OVERCOMMIT_RATIO = 50;
const VMALLOC_TOTAL_KIB = 34359738367;
const HUGE_PAGE_KIB = 2048;
const NAME_COLUMNS = 16;

/** si_mem_available(): free memory above the low marks, and what reclaim could give. */
function available(
  online: readonly NumaNode[],
  sum: (name: VmCounter) => number,
  free: number,
): number {
  let low = 0;
  for (const marks of watermarks(online).values()) low += marks.low;
  const reclaimable = (pages: number): number => pages - Math.min(Math.floor(pages / 2), low);
  const cache = sum('nr_active_file') + sum('nr_inactive_file');
  return Math.max(0, free - low + reclaimable(cache) + reclaimable(sum('nr_slab_reclaimable')));
}

function pageLines({ nodes }: MeminfoSources): readonly (readonly [string, number])[] {
  const online = nodes.online();
  const sum = (name: VmCounter): number =>
    online.reduce((total, { counters }) => total + counters[name], 0);
  const total = online.reduce((pages, node) => pages + node.managed, 0);
  const free = online.reduce((pages, node) => pages + node.free, 0);
  const swapCached = sum('nr_swapcached');
  const shmem = sum('nr_shmem');
  return [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', available(online, sum, free)],
    ['Buffers', 0],
    ['Cached', sum('nr_file_pages') - swapCached],
    ['SwapCached', swapCached],
    ['Active', sum('nr_active_anon') + sum('nr_active_file')],
    ['Inactive', sum('nr_inactive_anon') + sum('nr_inactive_file')],
    ['Active(anon)', sum('nr_active_anon')],
    ['Inactive(anon)', sum('nr_inactive_anon')],
    ['Active(file)', sum('nr_active_file')],
    ['Inactive(file)', sum('nr_inactive_file')],
    ['Unevictable', sum('nr_unevictable')],
    ['Mlocked', sum('nr_mlock')],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Zswap', 0],
    ['Zswapped', 0],
    ['Dirty', sum('nr_dirty')],
    ['Writeback', sum('nr_writeback')],
    ['AnonPages', sum('nr_anon_pages')],
    ['Mapped', sum('nr_mapped')],
    ['Shmem', shmem],
    ['KReclaimable', sum('nr_slab_reclaimable') + sum('nr_kernel_misc_reclaimable')],
    ['Slab', sum('nr_slab_reclaimable') + sum('nr_slab_unreclaimable')],
    ['SReclaimable', sum('nr_slab_reclaimable')],
    ['SUnreclaim', sum('nr_slab_unreclaimable')],
    ['KernelStack', sum('nr_kernel_stack') / KIB_PER_PAGE],
    ['PageTables', sum('nr_page_table_pages')],
    ['SecPageTables', sum('nr_sec_page_table_pages')],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', Math.floor((total * OVERCOMMIT_RATIO) / 100)],
    ['Committed_AS', sum('nr_anon_pages') + shmem],
    ['VmallocTotal', VMALLOC_TOTAL_KIB / KIB_PER_PAGE],
    ['VmallocUsed', 0],
    ['VmallocChunk', 0],
    ['Percpu', 0],
  ];
}

function lateLines({ nodes, poison }: MeminfoSources): readonly (readonly [string, number])[] {
  const sum = (name: VmCounter): number =>
    nodes.online().reduce((total, node) => total + node.counters[name], 0);
  return [
    ['HardwareCorrupted', poison.count],
    ['AnonHugePages', sum('nr_anon_transparent_hugepages')],
    ['ShmemHugePages', sum('nr_shmem_hugepages')],
    ['ShmemPmdMapped', sum('nr_shmem_pmdmapped')],
    ['FileHugePages', sum('nr_file_hugepages')],
    ['FilePmdMapped', sum('nr_file_pmdmapped')],
    ['CmaTotal', 0],
    ['CmaFree', 0],
    ['Unaccepted', 0],
    ['Balloon', sum('nr_balloon_pages')],
    ['GPUActive', sum('nr_gpu_active')],
    ['GPUReclaim', sum('nr_gpu_reclaim')],
  ];
}

function line(name: string, kibibytes: number): string {
  // Names that leave no room get a column of their own: HardwareCorrupted.
  if (name.length >= NAME_COLUMNS) return `${name}: ${String(kibibytes).padStart(5)} kB\n`;
  return `${`${name}:`.padEnd(NAME_COLUMNS)}${String(kibibytes).padStart(8)} kB\n`;
}

function hugePageLines(online: readonly NumaNode[]): string {
  const total = online.reduce((sum, node) => sum + hugePages(node), 0);
  const counts: readonly (readonly [string, number])[] = [
    ['HugePages_Total', total],
    ['HugePages_Free', 0],
    ['HugePages_Rsvd', 0],
    ['HugePages_Surp', 0],
  ];
  return counts
    .map(([name, count]) => `${`${name}:`.padEnd(19)}${String(count).padStart(5)}\n`)
    .join('');
}

export function renderMeminfo(sources: MeminfoSources): string {
  const pages = [...pageLines(sources), ...lateLines(sources)].map(([name, count]) =>
    line(name, count * KIB_PER_PAGE),
  );
  const { directMap } = sources;
  const online = sources.nodes.online();
  return [
    ...pages,
    hugePageLines(online),
    line('Hugepagesize', HUGE_PAGE_KIB),
    line('Hugetlb', online.reduce((sum, node) => sum + pagesInHugePages(node), 0) * KIB_PER_PAGE),
    line('DirectMap4k', directMap.small / 1024),
    line('DirectMap2M', directMap.medium / 1024),
    line('DirectMap1G', directMap.large / 1024),
  ].join('');
}
