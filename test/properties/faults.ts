/**
 * Faults between all other operations: whatever goes wrong, the machine stays sound, and when all
 * is cleared it works again.
 */
import fc from 'fast-check';
import type { AbiProfile } from '../../src/platform/profiles/index.ts';
import { FAULT, FAULT_ACTIONS } from './actions/fault-actions.ts';
import { commandsOf, machineChoice } from './commands.ts';
import { must } from './invariants/must.ts';
import { describeMachine } from './machines.ts';
import { ACTIONS, CALM_ACTIONS, runSequence, type WatchedRun } from './random-sequences.ts';
import { parametersOf, type Round, topologiesOf } from './round.ts';

const MAX_LENGTH = 160;
const CALM = [...FAULT_ACTIONS, ...CALM_ACTIONS];
const ALL = [...FAULT_ACTIONS, ...ACTIONS];

/** What the log says that faults did. */
const STRIKE = /injected by fault|fault \d+ strikes|Card not present|Link Down/;

function strikesOn({ run }: WatchedRun): number {
  return run.machine.kernel.log.lines().filter(({ text }) => STRIKE.test(text)).length;
}

/** All is cleared, and everything is found: a second rescan finds no more than the first. */
function clearAll(watched: WatchedRun): void {
  const write = (path: string, text: string): void =>
    watched.perform({ kind: 'write', path, text });
  const { view } = watched.run;
  write(`${FAULT}/clear`, 'all');
  must(view.read(`${FAULT}/list`) === '', () => 'a fault is left');
  write('/sys/bus/pci/rescan', '1');
  const functions = (): number => view.names('/sys/bus/pci/devices').length;
  const before = functions();
  write('/sys/bus/pci/rescan', '1');
  must(functions() === before, () => 'a second rescan finds more');
}

export function checkFaults(
  abi: AbiProfile,
  round: Round,
): { operations: number; strikes: number } {
  const figures = { operations: 0, strikes: 0 };
  const commandLists = fc.oneof(
    commandsOf(CALM, MAX_LENGTH).map((commands) => ({ actions: CALM, commands })),
    commandsOf(ALL, MAX_LENGTH).map((commands) => ({ actions: ALL, commands })),
  );
  const property = fc.property(
    machineChoice(topologiesOf(round)),
    commandLists,
    (choice, { actions, commands }) => {
      figures.operations += runSequence(describeMachine(abi, choice), commands, {
        actions,
        finish: (watched) => {
          figures.strikes += strikesOn(watched);
          clearAll(watched);
        },
      });
    },
  );
  fc.assert(property, parametersOf(round));
  return figures;
}
