/**
 * What the steps of memory hotplug share.
 */
import type { FaultPoint } from '../../driver-core/fault-point.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { UeventAction, UeventVariables } from '../../driver-core/uevent.ts';
import type { MemoryBlocks } from '../memory-block.ts';
import type { NodeStates } from '../node/numa-node.ts';
import type { PoisonedPages } from '../poisoned-pages.ts';
import type { Zonelists } from '../zone/zonelist.ts';
import type { MemmapAccounting } from './memmap.ts';
import type { MemoryGroups } from './memory-group.ts';
import type { OnlinePolicies } from './online-policy.ts';
import type { HotplugParameters } from './parameters.ts';
import type { HotplugSteps } from './steps.ts';

/** What a memory notifier learns of a block before it goes online. */
export interface BlockGoingOnline {
  readonly id: number;
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** The zone is one that the kernel allocates from. */
  readonly kernelZone: boolean;
}

export interface HotplugContext {
  readonly kernel: Kernel;
  readonly blocks: MemoryBlocks;
  readonly nodes: NodeStates;
  readonly groups: MemoryGroups;
  readonly parameters: HotplugParameters;
  readonly policies: OnlinePolicies;
  readonly zonelists: Zonelists;
  readonly memmap: MemmapAccounting;
  readonly poison: PoisonedPages;
  /** Memory notifiers that may veto. */
  readonly goingOnline: ((block: BlockGoingOnline) => void)[];
  readonly steps: HotplugSteps;
  /** Passed with the id of each block that has gone online. */
  readonly wentOnline: FaultPoint<readonly [id: number]>;
}

const NO_VARIABLES: UeventVariables = new Map();

/** An event of a memory block; they carry no variables. */
export function emitBlock(
  kernel: Kernel,
  id: number,
  action: UeventAction,
  variables = NO_VARIABLES,
): void {
  kernel.uevents.emit(action, `/devices/system/memory/memory${id}`, 'memory', variables);
}
