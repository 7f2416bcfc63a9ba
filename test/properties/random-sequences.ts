/**
 * The property of random sequences: whatever is done to a machine, its tree stays sound, and doing
 * it again to a fresh machine gives the same.
 */
import type { MachineDescription } from '../../src/platform/description/types.ts';
import type { Action } from './actions/action.ts';
import { CAPACITY_ACTIONS } from './actions/capacity-actions.ts';
import { DAX_ACTIONS } from './actions/dax-actions.ts';
import { DRIVER_ACTIONS, TOPOLOGY_ACTIONS } from './actions/driver-actions.ts';
import { MEMORY_ACTIONS } from './actions/memory-actions.ts';
import { REGION_ACTIONS } from './actions/region-actions.ts';
import { type Command, interpret } from './commands.ts';
import { checkAddressMap } from './invariants/address-map.ts';
import { checkCapacity } from './invariants/capacity.ts';
import { checkDax } from './invariants/dax.ts';
import { checkDecoders } from './invariants/decoders.ts';
import { EventInvariants } from './invariants/events.ts';
import { MemoryInvariants } from './invariants/memory.ts';
import { must } from './invariants/must.ts';
import { checkTree, dumpTree, type TreeDump } from './invariants/tree.ts';
import {
  BrokenInvariant,
  describeOperation,
  MachineRun,
  type Operation,
  repeat,
} from './machine-run.ts';

/** What leaves ports, memory devices and modules as they are: such sequences get far. */
export const CALM_ACTIONS: readonly Action[] = [
  ...REGION_ACTIONS,
  ...DRIVER_ACTIONS,
  ...DAX_ACTIONS,
  ...MEMORY_ACTIONS,
  ...CAPACITY_ACTIONS,
];

export const ACTIONS: readonly Action[] = [...CALM_ACTIONS, ...TOPOLOGY_ACTIONS];

/**
 * Looking at everything costs a millisecond or two: it is done after this many operations, and at
 * the end.
 */
const TREE_EVERY = 64;
const MEMORY_EVERY = 16;
/** While events tell of memory blocks. */
const TOUCHED_EVERY = 4;
/** A refusal changes nothing, as a rule. */
const REFUSED_EVERY = 4;

/** A machine with what must hold of it. */
export class WatchedRun {
  readonly run: MachineRun;
  private readonly events: EventInvariants;
  private readonly memory: MemoryInvariants;
  private blocksTouched = false;

  constructor(description: MachineDescription) {
    this.run = new MachineRun(description);
    this.memory = new MemoryInvariants(this.run.view);
    this.events = new EventInvariants(this.run, dumpTree(this.run.view));
    this.run.machine.kernel.uevents.subscribe(({ subsystem }) => {
      if (subsystem === 'memory' || subsystem === 'node') this.blocksTouched = true;
    });
  }

  /** Does it and checks what is cheap; what is not, every few operations. */
  perform(operation: Operation): void {
    try {
      this.run.perform(operation);
      this.check();
    } catch (error) {
      if (!(error instanceof BrokenInvariant)) throw error;
      throw this.run.tell(error, describeOperation(operation));
    }
  }

  private check(): void {
    const { view, done } = this.run;
    this.events.check();
    if (done.at(-1)?.outcome === 'ok' || done.length % REFUSED_EVERY === 0) {
      checkAddressMap(view);
      checkDecoders(view);
      checkDax(view);
      checkCapacity(view);
    }
    if (done.length % (this.blocksTouched ? TOUCHED_EVERY : MEMORY_EVERY) === 0) {
      this.memory.check();
      this.blocksTouched = false;
    }
    if (done.length % TREE_EVERY === 0) this.checkWhole();
  }

  checkWhole(): TreeDump {
    const dump = dumpTree(this.run.view);
    checkTree(dump);
    this.events.checkAgainst(dump);
    this.memory.check();
    return dump;
  }
}

function shortened(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 160));
}

/** First difference of two dumps, undefined if they are the same. */
export function difference(left: TreeDump, right: TreeDump): string | undefined {
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(path), right.get(path)];
    if (a !== b) return `${path}: ${shortened(a)} and ${shortened(b)}`;
  }
  return undefined;
}

/** The same operations on a fresh machine: the same outcomes, the same tree, the same events. */
function checkRepetition(description: MachineDescription, run: MachineRun, dump: TreeDump): void {
  const again = repeat(description, run.done);
  const other = difference(dump, dumpTree(again.view));
  must(other === undefined, () => `a fresh machine differs: ${other}`);
  const text = ({ events }: MachineRun): string =>
    events
      .map((event) => JSON.stringify([event.action, event.devpath, [...event.variables]]))
      .join('\n');
  must(text(run) === text(again), () => 'a fresh machine sends other events');
  const log = ({ machine }: MachineRun): string => JSON.stringify(machine.kernel.log.lines());
  must(log(run) === log(again), () => 'the log of a fresh machine differs');
}

export interface SequenceOptions {
  /** What the commands are taken from; default: ACTIONS. */
  readonly actions?: readonly Action[];
  /** What is done and checked after them, before the whole is. */
  finish?(watched: WatchedRun): void;
}

/** Throws BrokenInvariant; returns how many operations there were. */
export function runSequence(
  description: MachineDescription,
  commands: readonly Command[],
  { actions = ACTIONS, finish }: SequenceOptions = {},
): number {
  const watched = new WatchedRun(description);
  for (const command of commands)
    for (const operation of interpret(command, actions, watched.run.view))
      watched.perform(operation);
  finish?.(watched);
  const dump = watched.checkWhole();
  checkRepetition(description, watched.run, dump);
  return watched.run.done.length;
}
