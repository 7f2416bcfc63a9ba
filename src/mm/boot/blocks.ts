/**
 * The memory blocks that exist at boot (`memory_dev_init`, 7.2): every block with System RAM in it,
 * online.
 */

import type { MemoryRange, MmConfig } from '../config.ts';
import type { MemoryBlocks } from '../memory-block.ts';
import { BLOCK_STATE, FLAG_HOLES, FLAG_LINKED } from '../memory-block.ts';
import type { NodeStates } from '../node/numa-node.ts';
import type { Zone } from '../zone/zone.ts';
import { NO_ZONE } from '../zone/zone.ts';
import { intersection, ramOf } from './zones.ts';

function size(ranges: readonly MemoryRange[]): number {
  return ranges.reduce((sum, range) => sum + range.size, 0);
}

/** The zone of all memory of the block, if it is one. */
function zoneOfBlock(blocks: MemoryBlocks, nodes: NodeStates, id: number): Zone | undefined {
  const zones = blocks
    .nodes(id)
    .flatMap((nid) =>
      nodes
        .node(nid)
        .zones.filter((zone) => zone.intersects(blocks.startPfn(id), blocks.pagesPerBlock)),
    );
  return zones.length === 1 ? zones[0] : undefined;
}

function insertBlock(
  blocks: MemoryBlocks,
  nodes: NodeStates,
  id: number,
  owners: readonly number[],
  flags: number,
): void {
  const [nid = 0, ...further] = owners;
  const chunk = blocks.insert(id, nid);
  const row = blocks.row(id);
  blocks.setFurtherNodes(id, further);
  chunk.state[row] = BLOCK_STATE.online;
  chunk.flags[row] = FLAG_LINKED | flags;
  chunk.zone[row] = zoneOfBlock(blocks, nodes, id)?.index ?? NO_ZONE;
}

export function bootBlocks(blocks: MemoryBlocks, nodes: NodeStates, config: MmConfig): void {
  const { blockSize } = blocks;
  const ram = config.nodes.map((node) => ({ nid: node.id, ranges: ramOf(node, config) }));
  const owners = new Map<number, Map<number, number>>();
  for (const { nid, ranges } of ram) {
    for (const range of ranges) {
      for (
        let id = blocks.idOf(range.start);
        id <= blocks.idOf(range.start + range.size - 1);
        id += 1
      ) {
        const part = intersection(range, { start: id * blockSize, size: blockSize });
        const byNode = owners.get(id) ?? new Map<number, number>();
        byNode.set(nid, (byNode.get(nid) ?? 0) + size(part === undefined ? [] : [part]));
        owners.set(id, byNode);
      }
    }
  }
  const ids = [...owners.keys()].sort((a, b) => a - b);
  for (const id of ids) {
    const byNode = owners.get(id) ?? new Map<number, number>();
    const whole = [...byNode.values()].reduce((sum, part) => sum + part, 0) === blockSize;
    insertBlock(
      blocks,
      nodes,
      id,
      [...byNode.keys()].sort((a, b) => a - b),
      whole ? 0 : FLAG_HOLES,
    );
  }
}
