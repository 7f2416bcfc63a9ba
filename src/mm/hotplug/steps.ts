/**
 * The steps of adding memory (`add_memory_resource`, 7.2) and of onlining a block
 * (`memory_block_online`, 7.2), in the kernel's order: those that can fail there. Steps of which
 * the kernel ignores the outcome, or that cannot fail, have a number and no name.
 */
import type { FaultPoint } from '../../driver-core/fault-point.ts';

/** By what happens in it; what is behind a step with a name can be made to fail. */
export const HOTPLUG_STEPS = {
  /** The range is inside the mappable physical range: E2BIG. */
  'add:range': 1,
  /** A busy entry in /proc/iomem: EEXIST. */
  'add:resource': 2,
  /** Whole memory blocks: EINVAL. */
  'add:alignment': 3,
  /** From the memory group to its node: EINVAL. */
  'add:group': 4,
  /** The node is in the mask of possible ones: EINVAL. */
  'add:possible': 5,
  /**
   * A node that is not online gets its structures and its directory: ENOMEM. Only of a new node.
   */
  'add:node': 6,
  /** Direct map, sections and page structures: ENOMEM, EEXIST. */
  'add:memmap': 7,
  /** The device of each block: EEXIST, ENOMEM. Once a block. */
  'add:blocks': 8,
  /** Automatic onlining, once per block. A failure ends it; the memory stays added. */
  'add:online': 12,
  /** Pages of the block are poisoned: EHWPOISON. */
  'online:poison': 1,
  /** Page structures in the block's own first pages: ENOMEM. Only with memmap_on_memory. */
  'online:memmap-on-memory': 3,
  /** Node notifiers before a node's first memory: a veto. Only of the first block. */
  'online:node-notifier': 5,
  /** Memory notifiers: a veto (MEM_GOING_ONLINE). */
  'online:notifier': 6,
} as const;

export type HotplugStep = keyof typeof HOTPLUG_STEPS;

export const HOTPLUG_STEP_NAMES = Object.keys(HOTPLUG_STEPS) as readonly HotplugStep[];

/** Passed before each step is taken. */
export type HotplugSteps = FaultPoint<readonly [step: HotplugStep]>;
