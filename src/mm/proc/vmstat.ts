/**
 * /proc/vmstat (`vmstat_show`, 7.2): the counters that exist here, in the kernel's order.
 */
import type { MemmapAccounting } from '../hotplug/memmap.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { NODE_COUNTERS, NUMA_COUNTERS } from '../vm-counters.ts';
import { zoneCounters } from '../zone/counters.ts';

/** Shares of the dirtyable memory, percent (`vm.dirty_ratio`, `vm.dirty_background_ratio`). */
const DIRTY_RATIO = 20;
const DIRTY_BACKGROUND_RATIO = 10;

export function renderVmstat(nodes: NodeStates, memmap: MemmapAccounting): string {
  const online = nodes.online();
  const dirtyable = online.reduce((pages, { counters, free }) => {
    return pages + free + counters.nr_active_file + counters.nr_inactive_file;
  }, 0);
  const counters = [...NUMA_COUNTERS, ...NODE_COUNTERS].map((name) => {
    return [name, online.reduce((sum, node) => sum + node.counters[name], 0)] as const;
  });
  const global: readonly (readonly [string, number])[] = [
    ['nr_dirty_threshold', Math.floor((dirtyable * DIRTY_RATIO) / 100)],
    ['nr_dirty_background_threshold', Math.floor((dirtyable * DIRTY_BACKGROUND_RATIO) / 100)],
    ['nr_memmap_pages', memmap.hotplugged],
    ['nr_memmap_boot_pages', memmap.boot],
    ['nr_unstable', 0],
  ];
  return [...zoneCounters(online), ...counters, ...global]
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}
