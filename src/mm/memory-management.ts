/**
 * What the memory management side of a machine offers to the drivers above it. `boot/` makes one.
 */
import type { MemoryHotplug } from './hotplug/memory-hotplug.ts';
import type { NodeAccess } from './node/access.ts';
import type { NodeStates } from './node/numa-node.ts';
import type { ResourceTree } from './resource.ts';
import type { MemoryTiers } from './tier/memory-tier.ts';
import type { Workloads } from './workload/workloads.ts';

export interface MemoryManagement {
  /** /proc/iomem */
  readonly iomem: ResourceTree;
  readonly hotplug: MemoryHotplug;
  readonly nodes: NodeStates;
  readonly tiers: MemoryTiers;
  readonly access: NodeAccess;
  /** Who uses memory; `/sys/kernel/debug/cxlbox/workload` */
  readonly workloads: Workloads;
}
