/**
 * Memory hotplug as drivers use it (`mm/memory_hotplug.c`, 7.2): adding, removing, memory groups,
 * the default online type.
 *
 * Ownership: blocks live in the block table; a group is counted by its blocks; the iomem entry
 * belongs to the range.
 */
import { KernelError } from '../../errno.ts';
import { BLOCK_STATE, FLAG_MOVABLE, FLAG_UNMOVABLE } from '../memory-block.ts';
import type { NodeLookup } from '../node/lookup.ts';
import { ZONE } from '../zone/zone.ts';
import type { MemoryAdder } from './add-memory.ts';
import type { BlockGoingOnline, HotplugContext } from './context.ts';
import { hostedMemmapPages } from './memmap-size.ts';
import type { MemoryGroup } from './memory-group.ts';
import type { OnlineType } from './online-type.ts';
import type { MemoryRemover } from './remove-memory.ts';

export interface DriverManagedMemory {
  readonly group: MemoryGroup;
  readonly start: number;
  readonly size: number;
  /** `System RAM (<driver>)` */
  readonly name: string;
  /** The MHP_MEMMAP_ON_MEMORY hint. */
  readonly memmapOnMemory: boolean;
  /** Instead of the default policy of `auto_online_blocks`. */
  readonly onlineType?: OnlineType | undefined;
}

const DRIVER_MANAGED_NAME = /^System RAM \(.*\)$/;

export class MemoryHotplug {
  /** Bytes. */
  readonly blockSize: number;
  /** auto_online_blocks: what happens to blocks when they are added. */
  defaultOnlineType: OnlineType;
  readonly context: HotplugContext;
  private readonly adder: MemoryAdder;
  private readonly remover: MemoryRemover;
  private readonly lookup: NodeLookup;

  constructor(
    context: HotplugContext,
    parts: {
      readonly adder: MemoryAdder;
      readonly remover: MemoryRemover;
      readonly lookup: NodeLookup;
    },
    defaultOnlineType: OnlineType,
  ) {
    this.context = context;
    this.blockSize = context.blocks.blockSize;
    this.adder = parts.adder;
    this.remover = parts.remover;
    this.lookup = parts.lookup;
    this.defaultOnlineType = defaultOnlineType;
  }

  /** mhp_supports_memmap_on_memory() */
  memmapOnMemorySupported(): boolean {
    return hostedMemmapPages(this.blockSize, this.context.parameters.memmapOnMemory) !== undefined;
  }

  /** memory_group_register_static(). EINVAL: no pages, or the node is not possible. */
  registerStaticGroup(nid: number, maxPages: number): MemoryGroup {
    return this.context.groups.registerStatic(nid, maxPages);
  }

  /** memory_group_unregister(). EBUSY: blocks belong to the group. */
  unregisterGroup(group: MemoryGroup): void {
    this.context.groups.unregister(group);
  }

  /**
   * add_memory_driver_managed(). EINVAL: the name is not `System RAM (...)`, not whole blocks,
   * unknown group; E2BIG, EEXIST, ENOMEM: see MemoryAdder. Blocks that could not be onlined stay
   * offline, without an error.
   */
  addDriverManagedMemory(memory: DriverManagedMemory): void {
    if (!DRIVER_MANAGED_NAME.test(memory.name)) {
      throw new KernelError('EINVAL', `'${memory.name}' is not of the form 'System RAM (driver)'`);
    }
    if (this.context.groups.get(memory.group.id) !== memory.group) {
      throw new KernelError('EINVAL', `memory group ${memory.group.id} is not registered`);
    }
    this.adder.add({
      nid: memory.group.nid,
      group: memory.group,
      start: memory.start,
      size: memory.size,
      name: memory.name,
      driverManaged: true,
      memmapOnMemory: memory.memmapOnMemory,
      onlineType: memory.onlineType ?? this.defaultOnlineType,
    });
  }

  /**
   * remove_memory(). EBUSY: a block of the range is not offline, nothing changed; EINVAL: not whole
   * blocks.
   */
  removeMemory(start: number, size: number): void {
    this.remover.remove(start, size);
  }

  /** phys_to_target_node(): the node that memory at this address would get; never "no node". */
  nodeOf(physicalAddress: number): number {
    return this.lookup.nodeOf(physicalAddress);
  }

  /**
   * For tests and replay, where what a recorded kernel had allocated is not known: whatever the
   * page allocator says, the block holds a page that cannot move, so offlining gives EBUSY; or all
   * of it can move.
   */
  setUnmovable(blockId: number, unmovable: boolean): void {
    this.context.blocks.setFlag(blockId, FLAG_UNMOVABLE, unmovable);
    this.context.blocks.setFlag(blockId, FLAG_MOVABLE, !unmovable);
  }

  /**
   * Calls `listener` before a block goes online (MEM_GOING_ONLINE); a KernelError that it throws
   * keeps it offline.
   */
  onGoingOnline(listener: (block: BlockGoingOnline) => void): void {
    this.context.goingOnline.push(listener);
  }

  /** True if a block that touches the range is online in a zone that the kernel allocates from. */
  hasOnlineKernelMemory(start: number, size: number): boolean {
    return this.someOnline(start, size, (zone) => zone !== ZONE.Movable);
  }

  /** True if a block that touches the range is online. */
  hasOnlineMemory(start: number, size: number): boolean {
    return this.someOnline(start, size, () => true);
  }

  private someOnline(start: number, size: number, test: (zone: number) => boolean): boolean {
    const { blocks } = this.context;
    const first = blocks.idOf(start);
    for (const id of blocks.idsIn(first, blocks.idOf(start + size - 1) - first + 1)) {
      if (blocks.state(id) === BLOCK_STATE.online && test(blocks.zone(id))) return true;
    }
    return false;
  }
}
