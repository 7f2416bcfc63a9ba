/**
 * Random sequences: commands that mean nothing by themselves and are interpreted against the tree
 * as it is, so that a shrunk sequence is still one.
 */
import fc from 'fast-check';
import type { Action } from './actions/action.ts';
import { JUNK } from './actions/action.ts';
import { ADVANCE } from './actions/region-actions.ts';
import { Chooser } from './chooser.ts';
import type { Operation } from './machine-run.ts';
import type { Choice, Topology } from './machines.ts';
import type { SysfsView } from './sysfs-view.ts';

export interface Command {
  readonly action: string;
  readonly choice: number;
}

/** One write in this many carries junk instead of what was chosen. */
const JUNK_SHARE = 12;

function chosenBy(
  command: Command,
  actions: readonly Action[],
  view: SysfsView,
  chooser: Chooser,
): readonly Operation[] {
  const action = actions.find(({ name }) => name === command.action);
  const operations = action?.choose(view, chooser) ?? [];
  if (operations.length > 0) return operations;
  return actions.find(({ name }) => name === ADVANCE)?.choose(view, chooser) ?? [];
}

/** A command that finds no occasion advances a region instead, so that there will be one. */
export function interpret(
  command: Command,
  actions: readonly Action[],
  view: SysfsView,
): readonly Operation[] {
  const chooser = new Chooser(command.choice);
  const spoiled = chooser.oneIn(JUNK_SHARE);
  const operations = chosenBy(command, actions, view, chooser);
  if (!spoiled) return operations;
  return operations.map((operation) =>
    operation.kind === 'write' ? { ...operation, text: chooser.among(JUNK) } : operation,
  );
}

export function commandsOf(actions: readonly Action[], maxLength: number): fc.Arbitrary<Command[]> {
  const drawn = actions.flatMap(({ name, weight }) => Array.from({ length: weight }, () => name));
  const command = fc.record({ action: fc.constantFrom(...drawn), choice: fc.maxSafeNat() });
  return fc.noBias(fc.array(command, { minLength: 1, maxLength, size: 'max' }));
}

export function machineChoice(topologies: readonly Topology[]): fc.Arbitrary<Choice> {
  return fc.record({
    topology: fc.constantFrom(...topologies),
    autoOnlineBlocks: fc.constantFrom('offline', 'online_movable', 'online', 'online_kernel'),
    memmapOnMemory: fc.constantFrom('N', 'Y', 'force'),
  });
}
