/**
 * Memory groups (`drivers/base/memory.c`, 7.2): memory that is added and removed as one unit. Only
 * the auto-movable policy looks at the figures.
 */
import { KernelError } from '../../errno.ts';
import type { NodeStates } from '../node/numa-node.ts';

/** A static group is added and removed as one unit: kmem makes one a dax device. */
export class MemoryGroup {
  readonly id: number;
  readonly nid: number;
  /** The most pages that the group will ever have. */
  readonly maxPages: number;
  /** Present pages of the group by kind of zone, and its blocks, online or not. */
  presentKernelPages = 0;
  presentMovablePages = 0;
  blocks = 0;

  constructor(id: number, nid: number, maxPages: number) {
    this.id = id;
    this.nid = nid;
    this.maxPages = maxPages;
  }
}

export class MemoryGroups {
  private readonly groups = new Map<number, MemoryGroup>();
  private readonly nodes: NodeStates;

  constructor(nodes: NodeStates) {
    this.nodes = nodes;
  }

  get(id: number): MemoryGroup | undefined {
    return this.groups.get(id);
  }

  /** memory_group_register_static(). EINVAL: no pages, or the node is not possible. */
  registerStatic(nid: number, maxPages: number): MemoryGroup {
    if (maxPages <= 0) throw new KernelError('EINVAL', 'a memory group needs pages');
    if (!this.nodes.isPossible(nid)) throw new KernelError('EINVAL', `node ${nid} is not possible`);
    let id = 1;
    while (this.groups.has(id)) id += 1;
    const group = new MemoryGroup(id, nid, maxPages);
    this.groups.set(id, group);
    return group;
  }

  /** memory_group_unregister(). EINVAL: not registered; EBUSY: blocks belong to it. */
  unregister(group: MemoryGroup): void {
    if (this.groups.get(group.id) !== group)
      throw new KernelError('EINVAL', 'no such memory group');
    if (group.blocks > 0)
      throw new KernelError('EBUSY', `memory group ${group.id} still has ${group.blocks} blocks`);
    this.groups.delete(group.id);
  }
}
