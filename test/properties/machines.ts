/**
 * The machines that properties are tried on.
 */
import { loadMachine } from '../../src/machine-files/load.ts';
import type { BootOptions, MachineDescription } from '../../src/platform/description/types.ts';

export const TOPOLOGIES = [
  'direct2',
  'default',
  'hb2',
  'switch2',
  'mixed',
  'one',
  'hmat',
  'dynamic',
] as const;
export type Topology = (typeof TOPOLOGIES)[number];

export interface Choice {
  readonly topology: Topology;
  readonly autoOnlineBlocks: BootOptions['autoOnlineBlocks'];
  readonly memmapOnMemory: BootOptions['memmapOnMemory'];
}

const loaded = new Map<Topology, MachineDescription>();

function load(topology: Topology): MachineDescription {
  const known = loaded.get(topology) ?? loadMachine(topology);
  loaded.set(topology, known);
  return known;
}

/**
 * The machine of a choice; the mainline kernel has modules, the other has everything built in, as
 * they were recorded.
 */
export function describeMachine(
  abi: MachineDescription['abi'],
  choice: Choice,
): MachineDescription {
  const base = load(choice.topology);
  const { autoOnlineBlocks, memmapOnMemory } = choice;
  const modules = abi === 'mainline-7.2' ? ['device_dax', 'kmem', 'fsdev_dax'] : 'builtin';
  return { ...base, abi, boot: { ...base.boot, autoOnlineBlocks, memmapOnMemory, modules } };
}
