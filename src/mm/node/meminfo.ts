/**
 * The figures of one node as text: `meminfo`, `numastat`, `vmstat` (`drivers/base/node.c`, 7.2).
 */
import { KIB_PER_PAGE } from '../constants.ts';
import { NODE_COUNTERS, NUMA_COUNTERS } from '../vm-counters.ts';
import { zoneCounters } from '../zone/counters.ts';
import { hugePages } from './huge-pages.ts';
import type { NumaNode } from './numa-node.ts';

type Figure = (node: NumaNode) => number;

const kib = (pages: number): number => pages * KIB_PER_PAGE;
const nothing: Figure = () => 0;

/** In the kernel's order, kB. */
const LINES: readonly (readonly [string, Figure])[] = [
  ['MemTotal', (node) => kib(node.managed)],
  ['MemFree', (node) => kib(node.free)],
  ['MemUsed', (node) => kib(node.managed - node.free)],
  ['SwapCached', ({ counters }) => kib(counters.nr_swapcached)],
  ['Active', ({ counters }) => kib(counters.nr_active_anon + counters.nr_active_file)],
  ['Inactive', ({ counters }) => kib(counters.nr_inactive_anon + counters.nr_inactive_file)],
  ['Active(anon)', ({ counters }) => kib(counters.nr_active_anon)],
  ['Inactive(anon)', ({ counters }) => kib(counters.nr_inactive_anon)],
  ['Active(file)', ({ counters }) => kib(counters.nr_active_file)],
  ['Inactive(file)', ({ counters }) => kib(counters.nr_inactive_file)],
  ['Unevictable', ({ counters }) => kib(counters.nr_unevictable)],
  ['Mlocked', ({ counters }) => kib(counters.nr_mlock)],
  ['Dirty', ({ counters }) => kib(counters.nr_dirty)],
  ['Writeback', ({ counters }) => kib(counters.nr_writeback)],
  ['FilePages', ({ counters }) => kib(counters.nr_file_pages)],
  ['Mapped', ({ counters }) => kib(counters.nr_mapped)],
  ['AnonPages', ({ counters }) => kib(counters.nr_anon_pages)],
  ['Shmem', ({ counters }) => kib(counters.nr_shmem)],
  // The one counter that is in kB itself.
  ['KernelStack', ({ counters }) => counters.nr_kernel_stack],
  ['PageTables', ({ counters }) => kib(counters.nr_page_table_pages)],
  ['SecPageTables', ({ counters }) => kib(counters.nr_sec_page_table_pages)],
  ['NFS_Unstable', nothing],
  ['Bounce', nothing],
  ['WritebackTmp', nothing],
  [
    'KReclaimable',
    ({ counters }) => kib(counters.nr_slab_reclaimable + counters.nr_kernel_misc_reclaimable),
  ],
  ['Slab', ({ counters }) => kib(counters.nr_slab_reclaimable + counters.nr_slab_unreclaimable)],
  ['SReclaimable', ({ counters }) => kib(counters.nr_slab_reclaimable)],
  ['SUnreclaim', ({ counters }) => kib(counters.nr_slab_unreclaimable)],
  ['AnonHugePages', ({ counters }) => kib(counters.nr_anon_transparent_hugepages)],
  ['ShmemHugePages', ({ counters }) => kib(counters.nr_shmem_hugepages)],
  ['ShmemPmdMapped', ({ counters }) => kib(counters.nr_shmem_pmdmapped)],
  ['FileHugePages', ({ counters }) => kib(counters.nr_file_hugepages)],
  ['FilePmdMapped', ({ counters }) => kib(counters.nr_file_pmdmapped)],
  ['Unaccepted', nothing],
  ['Balloon', ({ counters }) => kib(counters.nr_balloon_pages)],
  ['GPUActive', ({ counters }) => kib(counters.nr_gpu_active)],
  ['GPUReclaim', ({ counters }) => kib(counters.nr_gpu_reclaim)],
];

/** hugetlb_report_node_meminfo() */
const HUGE_PAGE_LINES: readonly (readonly [string, Figure])[] = [
  ['HugePages_Total', hugePages],
  ['HugePages_Free', nothing],
  ['HugePages_Surp', nothing],
];

/** node_read_meminfo() */
export function nodeMeminfo(node: NumaNode): string {
  const prefix = `Node ${node.id} `;
  const lines = LINES.map(([name, figure]) => {
    return `${prefix}${`${name}:`.padEnd(16)}${String(figure(node)).padStart(8)} kB\n`;
  });
  const huge = HUGE_PAGE_LINES.map(([name, figure]) => {
    return `${prefix}${`${name}:`.padEnd(17)}${String(figure(node)).padStart(5)}
`;
  });
  return [...lines, ...huge].join('');
}

/** node_read_numastat() */
export function nodeNumastat({ counters }: NumaNode): string {
  const lines: readonly (readonly [string, number])[] = [
    ['numa_hit', counters.numa_hit],
    ['numa_miss', counters.numa_miss],
    ['numa_foreign', counters.numa_foreign],
    ['interleave_hit', counters.numa_interleave],
    ['local_node', counters.numa_local],
    ['other_node', counters.numa_other],
  ];
  return lines.map(([name, value]) => `${name} ${value}\n`).join('');
}

/** node_read_vmstat(): zone counters summed, NUMA events, node counters. */
export function nodeVmstat(node: NumaNode): string {
  const zones = zoneCounters([node]).map(([name, value]) => `${name} ${value}\n`);
  const own = [...NUMA_COUNTERS, ...NODE_COUNTERS].map(
    (name) => `${name} ${node.counters[name]}\n`,
  );
  return [...zones, ...own].join('');
}
