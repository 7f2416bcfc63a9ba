/**
 * What an idle system has in use after boot: a fixed share of every kernel zone, so that a machine always boots to the
 * same figures.
 */
import { KIB_PER_PAGE } from './constants.ts';
import type { NumaNode } from './numa-node.ts';
import type { VmCounter } from './vm-counters.ts';

const USED_SHARE = 0.03;
/** Of what is in use. */
const UNMOVABLE_SHARE = 0.4;

/** Parts of what is in use, by counter; the unmovable ones stay below UNMOVABLE_SHARE together. */
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

export function useBootMemory(node: NumaNode): void {
  let used = 0;
  for (const zone of node.zones) {
    const taken = Math.floor(zone.managed * USED_SHARE);
    zone.free -= taken;
    if (zone.kernel) zone.unmovable += Math.floor(taken * UNMOVABLE_SHARE);
    used += taken;
  }
  for (const [name, share] of SHARES) node.counters[name] = Math.floor(used * share);
  node.counters.nr_kernel_stack = Math.floor(used * STACK_SHARE) * KIB_PER_PAGE;
}
