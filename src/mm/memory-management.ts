/**
 * What the memory management side of a machine offers to the drivers above it. `boot.ts` in this folder makes one.
 */
import type { MemoryHotplug } from './memory-hotplug.ts';
import type { MemoryTiers } from './memory-tier.ts';
import type { NodeAccess } from './node-access.ts';
import type { NodeStates } from './numa-node.ts';
import type { ResourceTree } from './resource.ts';
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
