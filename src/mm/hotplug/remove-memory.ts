/**
 * Removing memory (`remove_memory`, `try_offline_node`, 7.2).
 */
import { KernelError } from '../../errno.ts';
import { BLOCK_STATE, FLAG_LINKED } from '../memory-block.ts';
import type { NodeDevices } from '../node/device.ts';
import type { ResourceTree } from '../resource.ts';
import type { HotplugContext } from './context.ts';
import { emitBlock } from './context.ts';
import type { DirectMap } from './direct-map.ts';
import { memmapPages } from './memmap-size.ts';
import type { MemoryBlockDevices } from './memory-block-device.ts';

export class MemoryRemover {
  private readonly context: HotplugContext;
  private readonly iomem: ResourceTree;
  private readonly nodeDevices: NodeDevices;
  private readonly blockDevices: MemoryBlockDevices;
  private readonly directMap: DirectMap;

  constructor(
    context: HotplugContext,
    iomem: ResourceTree,
    nodeDevices: NodeDevices,
    blockDevices: MemoryBlockDevices,
    directMap: DirectMap,
  ) {
    this.context = context;
    this.iomem = iomem;
    this.nodeDevices = nodeDevices;
    this.blockDevices = blockDevices;
    this.directMap = directMap;
  }

  /**
   * EINVAL: not whole blocks (a kernel bug in Linux); EBUSY: a block is not offline, nothing
   * changed.
   */
  remove(start: number, size: number): void {
    const { blocks } = this.context;
    if (size <= 0 || start % blocks.blockSize !== 0 || size % blocks.blockSize !== 0) {
      throw new KernelError('EINVAL', 'the range to remove is not made of whole memory blocks');
    }
    const first = blocks.idOf(start);
    const count = size / blocks.blockSize;
    this.assertOffline(first, count);
    const touched = new Set<number>();
    const memmaps = new Map<number, number>();
    for (const id of blocks.idsIn(first, count)) {
      touched.add(blocks.nid(id));
      const number = blocks.chunk(id)?.memmap[blocks.row(id)] ?? 0;
      memmaps.set(number, (memmaps.get(number) ?? 0) + memmapPages(blocks.pagesPerBlock));
      this.removeBlock(id);
    }
    for (const [number, pages] of memmaps) this.context.memmap.release(number, pages);
    if (touched.size === 0) return;
    this.directMap.unmap(start, size);
    this.iomem.releaseBusyRange(start, size);
    for (const nid of touched) this.tryOfflineNode(nid);
  }

  private assertOffline(first: number, count: number): void {
    const { blocks, kernel } = this.context;
    for (const id of blocks.idsIn(first, count)) {
      if (blocks.state(id) === BLOCK_STATE.offline) continue;
      const start = id * blocks.blockSize;
      const range = `${start.toString(16)}-${(start + blocks.blockSize - 1).toString(16)}`;
      kernel.log.print(
        'warn',
        `memory [${range}] is still online, nothing of its range is removed`,
      );
      throw new KernelError('EBUSY', `memory${id} is not offline`);
    }
  }

  private removeBlock(id: number): void {
    const { blocks, groups, kernel, poison } = this.context;
    const cost = memmapPages(blocks.pagesPerBlock);
    const group = groups.get(blocks.groupOf(id));
    if (group !== undefined) group.blocks -= 1;
    poison.forgetBlock(id);
    blocks.setFlag(id, FLAG_LINKED, false);
    this.nodeDevices.dropBlockLinks(id);
    this.blockDevices.drop(id);
    this.dropRow(id, cost);
    emitBlock(kernel, id, 'remove');
  }

  /** Takes away the row of a block whose memmap has `cost` pages. */
  private dropRow(id: number, cost: number): void {
    const { blocks, memmap } = this.context;
    const chunk = blocks.chunk(id);
    const row = blocks.row(id);
    const hotplugged = (chunk?.memmap[row] ?? 0) > 0 || (chunk?.vmemmapPages[row] ?? 0) > 0;
    if (hotplugged) memmap.hotplugged -= cost;
    else memmap.boot -= cost;
    blocks.delete(id);
  }

  /** The node goes if nothing of it is spanned, has a block, or is a processor. */
  private tryOfflineNode(nid: number): void {
    const { nodes, blocks } = this.context;
    if (nodes.hasCpu(nid) || nodes.node(nid).spansMemory || blocks.anyOfNode(nid)) return;
    this.nodeDevices.takeOffline(nid);
  }
}
