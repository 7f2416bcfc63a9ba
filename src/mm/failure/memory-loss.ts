/**
 * A whole range of memory stops answering while the kernel uses it: what a machine check at every
 * page of it would lead to (`memory_failure`, 7.2), all at once.
 *
 * Linux finds one page after the other, when somebody touches it; here all are found at once: users
 * lose their pages, free ones are not given to anybody any more, and a block does not come online
 * again.
 */
import { hex } from '../../kernfs/format.ts';
import type { HotplugContext } from '../hotplug/context.ts';
import { BLOCK_STATE } from '../memory-block.ts';
import { isolateBlock, usersOfBlock, vacate } from '../page-allocator/isolation.ts';
import { accountPages } from '../zone/page-accounting.ts';

/** Takes the pages of an online block from their users; adds what each lost to `losses`. */
function takeFromUsers(context: HotplugContext, id: number, losses: Map<string, number>): void {
  const { blocks, nodes } = context;
  const node = nodes.node(blocks.nid(id));
  const zone = node.zone(blocks.zone(id));
  isolateBlock(zone.pages, id);
  for (const [owner, pages] of usersOfBlock(zone.pages, id)) {
    // Pages that were poisoned before.
    if (owner.kind.mobility === 'left') continue;
    vacate(zone.pages, id, owner, pages);
    accountPages(nodes, zone, owner.kind, -pages);
    const units = pages / 2 ** owner.kind.order;
    node.memoryFailures.total += units;
    node.memoryFailures.recovered += units;
    losses.set(owner.label, (losses.get(owner.label) ?? 0) + pages);
  }
}

/** `start` and `size` in bytes, of whole blocks; those that are online are in the Movable zone. */
export function loseMemory(context: HotplugContext, start: number, size: number): void {
  const { blocks, kernel, poison } = context;
  const losses = new Map<string, number>();
  for (const id of blocks.idsIn(blocks.idOf(start), size / blocks.blockSize)) {
    if (blocks.state(id) === BLOCK_STATE.online) takeFromUsers(context, id, losses);
    poison.addBlock(id, blocks.pagesPerBlock);
  }
  for (const [label, pages] of losses)
    kernel.log.print(
      'err',
      `Memory failure: memory at ${hex(start)} is gone: ${label} lost ${pages} pages`,
    );
}
