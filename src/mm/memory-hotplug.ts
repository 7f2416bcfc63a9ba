/**
 * Adding, onlining, offlining and removing memory (`mm/memory_hotplug.c`, 7.2).
 */
import type { MemoryGroup } from './memory-group.ts';
import type { OnlineType } from './online-type.ts';

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

export declare class MemoryHotplug {
  /** Bytes. */
  readonly blockSize: number;
  /** auto_online_blocks: what happens to blocks when they are added. */
  defaultOnlineType: OnlineType;

  /** mhp_supports_memmap_on_memory() */
  memmapOnMemorySupported(): boolean;
  /** memory_group_register_static(). EINVAL: no pages, or the node is not possible. */
  registerStaticGroup(nid: number, maxPages: number): MemoryGroup;
  /** memory_group_unregister(). EBUSY: blocks belong to the group. */
  unregisterGroup(group: MemoryGroup): void;
  addDriverManagedMemory(memory: DriverManagedMemory): void;
  removeMemory(start: number, size: number): void;
  nodeOf(physicalAddress: number): number;
  setUnmovable(blockId: number, unmovable: boolean): void;
}
