/**
 * Faults between all other operations: whatever goes wrong, the machine stays sound, and when all is cleared it works
 * again.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from './actions/action.ts';
import { FAULT, FAULT_ACTIONS } from './actions/fault-actions.ts';
import { commandsOf, machineChoice, SEED } from './commands.ts';
import { must } from './invariants/must.ts';
import { describeMachine } from './machines.ts';
import { ACTIONS, CALM_ACTIONS, runSequence, type WatchedRun } from './random-sequences.ts';

const RUNS = 60;
const MAX_LENGTH = 160;
const CALM = [...FAULT_ACTIONS, ...CALM_ACTIONS];
const ALL = [...FAULT_ACTIONS, ...ACTIONS];

/** What the log says that faults did. */
const STRIKE = /injected by fault|fault \d+ strikes|Card not present|Link Down/;

function strikes({ run }: WatchedRun): number {
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

describe.each(['mainline-7.2', 'explicit-region-drivers-v1'] as const)('%s', (abi) => {
  it('random sequences with faults keep the machine sound', { timeout: 600_000 }, () => {
    let operations = 0;
    let struck = 0;
    const sequence = (actions: readonly Action[]) =>
      fc.property(machineChoice, commandsOf(actions, MAX_LENGTH), (choice, commands) => {
        operations += runSequence(describeMachine(abi, choice), commands, {
          actions,
          finish: (watched) => {
            struck += strikes(watched);
            clearAll(watched);
          },
        });
      });
    for (const actions of [CALM, ALL]) fc.assert(sequence(actions), { seed: SEED, numRuns: RUNS });
    expect(struck).toBeGreaterThan(2 * RUNS);
    expect(operations).toBeGreaterThan((RUNS * MAX_LENGTH) / 2);
  });
});
