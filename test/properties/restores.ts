/**
 * What is taken can be given back: unbinding restores the tree before binding, deleting all regions
 * the idle tree. What Linux leaves behind as well is listed.
 */
import fc from 'fast-check';
import type { AbiProfile } from '../../src/platform/profiles/index.ts';
import { CAPACITY_ACTIONS } from './actions/capacity-actions.ts';
import { DAX_ACTIONS } from './actions/dax-actions.ts';
import { MEMORY_ACTIONS } from './actions/memory-actions.ts';
import { REGION_ACTIONS } from './actions/region-actions.ts';
import { type Command, commandsOf, interpret, machineChoice } from './commands.ts';
import { must } from './invariants/must.ts';
import { dumpTree } from './invariants/tree.ts';
import { MachineRun } from './machine-run.ts';
import { type Choice, describeMachine } from './machines.ts';
import { difference } from './random-sequences.ts';
import { parametersOf, type Round, topologiesOf } from './round.ts';
import {
  comparable,
  giveBack,
  leftMemoryBehind,
  offlineAll,
  restoreSettings,
  unbind,
} from './teardown.ts';

const MAX_LENGTH = 60;

/** Without poisoned pages, which stay. */
const ACTIONS = [
  ...REGION_ACTIONS,
  ...DAX_ACTIONS,
  ...MEMORY_ACTIONS.filter(({ name }) => name !== 'offline a page'),
  ...CAPACITY_ACTIONS,
];

function perform(run: MachineRun, commands: readonly Command[]): void {
  for (const command of commands)
    for (const operation of interpret(command, ACTIONS, run.view)) run.perform(operation);
}

/**
 * Left behind by a binding: performance figures after the first memory, with the weights that
 * follow from them.
 */
const LEFT_BY_BINDING = [/\/region\d+\/access[01]\//, /\/mempolicy\/weighted_interleave\/node\d+$/];

/**
 * Left behind by a region: figures of switch decoders until the next region, the mode of endpoint
 * decoders and their interleave, and what a binding leaves.
 */
export const LEFT_BY_REGIONS = [
  /\/port\d+\/decoder\d+\.\d+\/(start|size|interleave_ways|interleave_granularity|target_list)$/,
  /\/endpoint\d+\/decoder\d+\.\d+\/(interleave_ways|interleave_granularity|mode)$/,
  ...LEFT_BY_BINDING,
];

const BUSES = ['cxl', 'dax'] as const;
const BINDABLE = /region\d+$|^dax\d+\.\d+$/;

/**
 * Each driver of the bus is bound to the device and unbound again. False if memory had to stay
 * online.
 */
function tryDrivers(run: MachineRun, bus: string, device: string, figures: UnbindFigures): boolean {
  const { view } = run;
  const root = `/sys/bus/${bus}/drivers`;
  let before = comparable(dumpTree(view), LEFT_BY_BINDING);
  for (const driver of view.names(root)) {
    if (!view.exists(`${root}/${driver}/bind`)) continue;
    const outcome = run.write(`${root}/${driver}/bind`, device);
    if (outcome === 'ENODEV') continue;
    if (outcome === 'ok') {
      if (!offlineAll(run)) return false;
      must(unbind(run, bus, device) === 'ok', () => `${device} cannot be unbound`);
    }
    const after = comparable(dumpTree(view), LEFT_BY_BINDING);
    const other = difference(before, after);
    must(other === undefined, () => `${driver} ${device}: before binding and after: ${other}`);
    figures[outcome === 'ok' ? 'unbound' : 'refused'] += 1;
    before = after;
  }
  return true;
}

/**
 * Comparisons after an unbind and after a bind that was refused; machines whose memory had to stay
 * online.
 */
interface UnbindFigures {
  unbound: number;
  refused: number;
  stayedOnline: number;
}

export function checkUnbindRestores(abi: AbiProfile, round: Round): Readonly<UnbindFigures> {
  const figures = { unbound: 0, refused: 0, stayedOnline: 0 };
  const everyDevice = (run: MachineRun): boolean =>
    BUSES.every((bus) =>
      run.view.names(`/sys/bus/${bus}/devices`, BINDABLE).every((device) => {
        if (!run.view.exists(`/sys/bus/${bus}/devices/${device}`)) return true;
        unbind(run, bus, device);
        return tryDrivers(run, bus, device, figures);
      }),
    );
  const property = fc.property(
    machineChoice(topologiesOf(round)),
    commandsOf(ACTIONS, MAX_LENGTH),
    (choice, commands) => {
      const run = new MachineRun(describeMachine(abi, choice));
      run.telling(() => {
        perform(run, commands);
        if (!offlineAll(run) || !everyDevice(run)) figures.stayedOnline += 1;
      });
    },
  );
  fc.assert(property, parametersOf(round));
  return figures;
}

/** Machines that were compared, that kmem left memory on, whose memory had to stay online. */
type IdleFigures = Record<'compared' | 'leftBehind' | 'stayedOnline', number>;

function compareWithIdle(run: MachineRun, idle: MachineRun): keyof IdleFigures {
  if (!giveBack(run)) return 'stayedOnline';
  if (leftMemoryBehind(run)) return 'leftBehind';
  restoreSettings(run, idle);
  const other = difference(
    comparable(dumpTree(idle.view), LEFT_BY_REGIONS),
    comparable(dumpTree(run.view), LEFT_BY_REGIONS),
  );
  must(other === undefined, () => `idle and after: ${other}`);
  return 'compared';
}

export function checkIdleRestored(abi: AbiProfile, round: Round): Readonly<IdleFigures> {
  const figures = { compared: 0, leftBehind: 0, stayedOnline: 0 };
  const start = (choice: Choice): MachineRun => new MachineRun(describeMachine(abi, choice));
  const property = fc.property(
    machineChoice(topologiesOf(round)),
    commandsOf(ACTIONS, MAX_LENGTH),
    (choice, commands) => {
      const run = start(choice);
      const idle = start(choice);
      giveBack(idle);
      run.telling(() => {
        perform(run, commands);
        figures[compareWithIdle(run, idle)] += 1;
      });
    },
  );
  fc.assert(property, parametersOf(round));
  return figures;
}
