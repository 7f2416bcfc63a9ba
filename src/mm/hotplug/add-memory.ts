/**
 * Adding memory (`add_memory_resource`, 7.2). A failure takes everything back, in contrast to
 * Linux, which may leave sections of a half-added range behind (docs/not-simulated.md).
 */
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { FLAG_LINKED } from '../memory-block.ts';
import type { NodeDevices } from '../node/device.ts';
import type { ResourceTree } from '../resource.ts';
import type { HotplugContext } from './context.ts';
import { emitBlock } from './context.ts';
import type { DirectMap } from './direct-map.ts';
import { hostedMemmapPages, memmapPages } from './memmap-size.ts';
import type { MemoryGroup } from './memory-group.ts';
import { latchOnlineType, onlineBlock } from './online-pages.ts';
import type { OnlineType } from './online-type.ts';

export interface MemoryToAdd {
  readonly nid: number;
  readonly group: MemoryGroup | undefined;
  readonly start: number;
  readonly size: number;
  /** Name in /proc/iomem. */
  readonly name: string;
  readonly driverManaged: boolean;
  readonly memmapOnMemory: boolean;
  readonly onlineType: OnlineType;
}

export class MemoryAdder {
  private readonly context: HotplugContext;
  private readonly iomem: ResourceTree;
  private readonly devices: NodeDevices;
  private readonly directMap: DirectMap;
  /** End of the mappable physical range. */
  private readonly limit: number;

  constructor(
    context: HotplugContext,
    iomem: ResourceTree,
    devices: NodeDevices,
    directMap: DirectMap,
    physicalAddressBits: number,
  ) {
    this.context = context;
    this.iomem = iomem;
    this.devices = devices;
    this.directMap = directMap;
    this.limit = 2 ** physicalAddressBits;
  }

  /**
   * E2BIG: beyond the mappable range; EEXIST: the range overlaps a busy one; EINVAL: not whole
   * blocks, or an impossible node; ENOMEM: no room for the page structures. If a block cannot be
   * onlined, it and the rest stay offline; adding succeeds.
   */
  add(memory: MemoryToAdd): void {
    const { start, size } = memory;
    const { steps } = this.context;
    steps.pass('add:range');
    if (start + size > this.limit)
      throw new KernelError('E2BIG', `${describe(memory)} is beyond the mappable range`);
    steps.pass('add:resource');
    const resource = this.reserve(memory);
    try {
      this.addReserved(memory);
    } catch (error) {
      this.iomem.release(resource);
      throw error;
    }
    this.directMap.map(start, size);
    if (memory.onlineType !== 'offline') this.onlineAll(memory);
  }

  private reserve(memory: MemoryToAdd): ReturnType<ResourceTree['request']> {
    try {
      return this.iomem.request(memory.start, memory.size, memory.name, {
        driverManaged: memory.driverManaged,
      });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      throw new KernelError('EEXIST', error.reason);
    }
  }

  private addReserved(memory: MemoryToAdd): void {
    const { context } = this;
    const { start, size, nid } = memory;
    const { blockSize } = context.blocks;
    context.steps.pass('add:alignment');
    if (size <= 0 || start % blockSize !== 0 || size % blockSize !== 0) {
      context.kernel.log.print(
        'err',
        `Block size [${hex(blockSize)}] unaligned hotplug range: ${describe(memory)}`,
      );
      throw new KernelError('EINVAL', `${describe(memory)} is not made of whole memory blocks`);
    }
    context.steps.pass('add:group');
    context.steps.pass('add:possible');
    if (!context.nodes.isPossible(nid))
      throw new KernelError('EINVAL', `node ${nid} is not possible`);
    const isNew = !context.nodes.isOnline(nid);
    if (isNew) this.bringOnline(nid);
    try {
      this.addBlocks(memory);
    } catch (error) {
      if (isNew) this.devices.takeOffline(nid);
      throw error;
    }
  }

  private bringOnline(nid: number): void {
    this.context.steps.pass('add:node');
    this.context.zonelists.addNode(nid);
    this.devices.bringOnline(nid);
  }

  private addBlocks(memory: MemoryToAdd): void {
    const { blocks, kernel, memmap } = this.context;
    const first = blocks.idOf(memory.start);
    const count = memory.size / blocks.blockSize;
    for (const id of blocks.idsIn(first, count))
      throw new KernelError('EEXIST', `memory${id} exists already`);
    this.context.steps.pass('add:memmap');
    const hosted = this.hostedPages(memory);
    const cost = memmapPages(blocks.pagesPerBlock);
    const number = hosted === undefined ? this.allocateMemmap(memory, cost * count) : 0;
    try {
      for (let id = first; id < first + count; id += 1) {
        this.context.steps.pass('add:blocks');
        this.insertBlock(memory, id, { hosted: hosted ?? 0, number });
        emitBlock(kernel, id, 'add');
      }
    } catch (error) {
      this.takeBack(first, count);
      memmap.release(number, cost * count);
      throw error;
    }
    memmap.hotplugged += cost * count;
    if (memory.group !== undefined) memory.group.blocks += count;
    // The links come after the events, as in the kernel.
    for (let id = first; id < first + count; id += 1) blocks.setFlag(id, FLAG_LINKED, true);
  }

  /**
   * Pages at the start of each block that hold its own page structures; undefined: they are
   * elsewhere.
   */
  private hostedPages({ memmapOnMemory }: MemoryToAdd): number | undefined {
    const { blocks, parameters } = this.context;
    return memmapOnMemory
      ? hostedMemmapPages(blocks.blockSize, parameters.memmapOnMemory)
      : undefined;
  }

  private insertBlock(
    memory: MemoryToAdd,
    id: number,
    memmap: { hosted: number; number: number },
  ): void {
    const { blocks } = this.context;
    const chunk = blocks.insert(id, memory.nid);
    const row = blocks.row(id);
    chunk.group[row] = memory.group?.id ?? 0;
    chunk.vmemmapPages[row] = memmap.hosted;
    chunk.memmap[row] = memmap.number;
  }

  /**
   * Those of the blocks that were made, in the order in which they were
   * (`create_memory_block_devices`).
   */
  private takeBack(first: number, count: number): void {
    const { blocks, kernel } = this.context;
    for (const id of [...blocks.idsIn(first, count)]) {
      blocks.delete(id);
      emitBlock(kernel, id, 'remove');
    }
  }

  private allocateMemmap(memory: MemoryToAdd, pages: number): number {
    try {
      return this.context.memmap.allocate(memory.nid, memory.start, pages);
    } catch (error) {
      this.context.kernel.log.print(
        'warn',
        `${describe(memory)}: no memory for its page structures`,
      );
      throw error;
    }
  }

  /** online_memory_block() for each block; the first failure ends it silently. */
  private onlineAll(memory: MemoryToAdd): void {
    const { context } = this;
    const first = context.blocks.idOf(memory.start);
    const count = memory.size / context.blocks.blockSize;
    try {
      for (let id = first; id < first + count; id += 1) {
        context.steps.pass('add:online');
        latchOnlineType(context, id, memory.onlineType);
        onlineBlock(context, id);
      }
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      context.kernel.log.print('info', `automatic onlining stopped: ${error.reason}`);
    }
  }
}

function describe({ start, size }: { readonly start: number; readonly size: number }): string {
  return `memory [${hex(start)}-${hex(start + size - 1)}]`;
}
