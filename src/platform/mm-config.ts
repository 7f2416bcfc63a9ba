/**
 * What memory management needs of a machine description.
 */
import type { MmConfig } from '../mm/config.ts';
import type { MachineDescription } from './description/types.ts';
import type { Profile } from './profiles/profile.ts';

export function mmConfig(description: MachineDescription, profile: Profile): MmConfig {
  const { boot, hmat } = description;
  return {
    blockSize: description.memoryBlockSize,
    physicalAddressBits: description.physicalAddressBits,
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
    crashHotplug: profile.crashHotplug,
    performance: hmat?.performance,
    localInitiators: hmat?.localInitiators,
    memorySideCaches: hmat?.memorySideCaches,
  };
}
