/**
 * The counters of /proc/vmstat, /proc/zoneinfo and nodeN/vmstat, in the kernel's order
 * (`vmstat_text`, 7.2).
 */
/**
 * Of a zone; the first two and the free figures are computed, the others follow the node's
 * counters.
 */
export const ZONE_COUNTERS = [
  'nr_free_pages',
  'nr_free_pages_blocks',
  'nr_zone_inactive_anon',
  'nr_zone_active_anon',
  'nr_zone_inactive_file',
  'nr_zone_active_file',
  'nr_zone_unevictable',
  'nr_zone_write_pending',
  'nr_mlock',
  'nr_zspages',
  'nr_free_cma',
  'nr_unaccepted',
] as const;

export const NUMA_COUNTERS = [
  'numa_hit',
  'numa_miss',
  'numa_foreign',
  'numa_interleave',
  'numa_local',
  'numa_other',
] as const;

export const NODE_COUNTERS = [
  'nr_inactive_anon',
  'nr_active_anon',
  'nr_inactive_file',
  'nr_active_file',
  'nr_unevictable',
  'nr_slab_reclaimable',
  'nr_slab_unreclaimable',
  'nr_isolated_anon',
  'nr_isolated_file',
  'workingset_nodes',
  'workingset_refault_anon',
  'workingset_refault_file',
  'workingset_activate_anon',
  'workingset_activate_file',
  'workingset_restore_anon',
  'workingset_restore_file',
  'workingset_nodereclaim',
  'nr_anon_pages',
  'nr_mapped',
  'nr_file_pages',
  'nr_dirty',
  'nr_writeback',
  'nr_shmem',
  'nr_shmem_hugepages',
  'nr_shmem_pmdmapped',
  'nr_file_hugepages',
  'nr_file_pmdmapped',
  'nr_anon_transparent_hugepages',
  'nr_vmscan_write',
  'nr_vmscan_immediate_reclaim',
  'nr_dirtied',
  'nr_written',
  'nr_throttled_written',
  'nr_kernel_misc_reclaimable',
  'nr_foll_pin_acquired',
  'nr_foll_pin_released',
  'nr_kernel_stack',
  'nr_page_table_pages',
  'nr_sec_page_table_pages',
  'nr_iommu_pages',
  'nr_swapcached',
  'pgpromote_success',
  'pgpromote_candidate',
  'pgpromote_candidate_nrl',
  'pgdemote_kswapd',
  'pgdemote_direct',
  'pgdemote_khugepaged',
  'pgdemote_proactive',
  'nr_hugetlb',
  'nr_balloon_pages',
  'nr_kernel_file_pages',
  'nr_gpu_active',
  'nr_gpu_reclaim',
] as const;

export type VmCounter =
  | (typeof NODE_COUNTERS)[number]
  | (typeof NUMA_COUNTERS)[number]
  | 'nr_mlock';
export type VmCounters = Record<VmCounter, number>;

export type NumaCounter = (typeof NUMA_COUNTERS)[number];
export type ZoneNumaCounters = Record<NumaCounter, number>;

export function emptyNumaCounters(): ZoneNumaCounters {
  return Object.fromEntries(NUMA_COUNTERS.map((name) => [name, 0])) as ZoneNumaCounters;
}

export function emptyCounters(): VmCounters {
  const names: readonly VmCounter[] = [...NODE_COUNTERS, ...NUMA_COUNTERS, 'nr_mlock'];
  return Object.fromEntries(names.map((name) => [name, 0])) as VmCounters;
}
