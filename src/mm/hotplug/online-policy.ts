/**
 * Which zone a block goes to (`zone_for_pfn_range`, 7.2).
 */

import type { NodeStates, NumaNode } from '../node/numa-node.ts';
import type { Zone } from '../zone/zone.ts';
import { ZONE } from '../zone/zone.ts';
import type { MemoryGroup } from './memory-group.ts';
import type { OnlineType } from './online-type.ts';
import type { HotplugParameters } from './parameters.ts';

/** The pages to place. */
export interface Placement {
  readonly nid: number;
  readonly startPfn: number;
  readonly pages: number;
  readonly group: MemoryGroup | undefined;
}

export class OnlinePolicies {
  private readonly nodes: NodeStates;
  private readonly parameters: HotplugParameters;

  constructor(nodes: NodeStates, parameters: HotplugParameters) {
    this.nodes = nodes;
    this.parameters = parameters;
  }

  /** The zone of a request other than `offline`. */
  zoneFor(type: OnlineType, placement: Placement): Zone {
    if (type === 'online_kernel') return this.kernelZone(placement);
    if (type === 'online_movable') return this.movableZone(placement);
    return this.parameters.onlinePolicy === 'auto-movable'
      ? this.autoMovable(placement)
      : this.contiguous(placement);
  }

  movableZone({ nid }: Placement): Zone {
    return this.nodes.node(nid).zone(ZONE.Movable);
  }

  /** default_kernel_zone_for_pfn(): a lower zone only where the block touches its span. */
  kernelZone({ nid, startPfn, pages }: Placement): Zone {
    const node = this.nodes.node(nid);
    for (const index of [ZONE.DMA, ZONE.DMA32]) {
      const zone = node.zone(index);
      if (zone.intersects(startPfn, pages)) return zone;
    }
    return node.zone(ZONE.Normal);
  }

  /** default_zone_for_pfn(): the policy contig-zones. */
  private contiguous(placement: Placement): Zone {
    const { startPfn, pages } = placement;
    const kernel = this.kernelZone(placement);
    const movable = this.movableZone(placement);
    const inKernel = kernel.intersects(startPfn, pages);
    const inMovable = movable.intersects(startPfn, pages);
    if (inKernel !== inMovable) return inKernel ? kernel : movable;
    return this.parameters.movableNode ? movable : kernel;
  }

  /** auto_movable_zone_for_pfn() */
  private autoMovable(placement: Placement): Zone {
    const { nid } = placement;
    const kernel = this.kernelZone(placement);
    if (this.parameters.autoMovableRatio === 0) return kernel;
    const wanted = this.pagesToPlace(placement);
    if (wanted === undefined || !this.withinRatio(undefined, wanted)) return kernel;
    if (this.parameters.autoMovableNumaAware && !this.withinRatio(nid, wanted)) return kernel;
    return this.movableZone(placement);
  }

  /** How many pages would be movable in the end; undefined: the group has kernel memory already. */
  private pagesToPlace({ group, pages }: Placement): number | undefined {
    if (group === undefined) return pages;
    return group.presentKernelPages > 0 ? undefined : group.maxPages - group.presentMovablePages;
  }

  /**
   * auto_movable_can_online_movable(), for one node or for all: hotplugged kernel memory does not
   * count as kernel memory. Dynamic groups, which only virtio-mem registers, are left out.
   */
  private withinRatio(nid: number | undefined, wanted: number): boolean {
    const ratio = this.parameters.autoMovableRatio;
    const nodes = nid === undefined ? this.nodes.online() : [this.nodes.node(nid)];
    const { kernelEarly, movable } = presentIn(nodes);
    if (kernelEarly <= 0) return false;
    return movable + wanted <= Math.floor((ratio * kernelEarly) / 100);
  }
}

/** Kernel memory of the boot, and movable memory. Pages. */
function presentIn(nodes: readonly NumaNode[]): { kernelEarly: number; movable: number } {
  let kernelEarly = 0;
  let movable = 0;
  for (const node of nodes) {
    for (const zone of node.zones) {
      if (zone.kernel) kernelEarly += zone.presentEarly;
      else if (zone.index === ZONE.Movable) movable += zone.present;
    }
  }
  return { kernelEarly, movable };
}
