/**
 * What memory management needs of a machine description.
 */
import type { MmConfig } from '../mm/config.ts';
import type { MachineDescription } from './description/types.ts';

export function mmConfig(description: MachineDescription): MmConfig {
  const { boot, hmat } = description;
  return {
    blockSize: description.memoryBlockSize,
    nodes: description.nodes,
    possibleNodes: description.possibleNodes,
    distances: description.distances,
    systemRam: description.systemRam,
    windowNodes: description.windows.map(({ start, size, node }) => ({ start, size, nid: node })),
    autoOnlineBlocks: boot.autoOnlineBlocks,
    memmapOnMemory: boot.memmapOnMemory,
    onlinePolicy: boot.onlinePolicy,
    autoMovableRatio: boot.autoMovableRatio,
    autoMovableNumaAware: boot.autoMovableNumaAware,
    movableNode: boot.movableNode,
    performance: hmat?.performance,
    localInitiators: hmat?.localInitiators,
    memorySideCaches: hmat?.memorySideCaches,
  };
}
