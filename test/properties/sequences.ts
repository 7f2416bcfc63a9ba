/**
 * Whatever is done to a machine, it stays sound, and the same again on a fresh machine gives the
 * same.
 */
import fc from 'fast-check';
import type { AbiProfile } from '../../src/platform/profiles/index.ts';
import { commandsOf, machineChoice } from './commands.ts';
import { describeMachine } from './machines.ts';
import { ACTIONS, CALM_ACTIONS, runSequence } from './random-sequences.ts';
import { parametersOf, type Round, topologiesOf } from './round.ts';

const MAX_LENGTH = 240;

const commandLists = fc.oneof(
  commandsOf(CALM_ACTIONS, MAX_LENGTH),
  commandsOf(ACTIONS, MAX_LENGTH),
);

export function checkSequences(abi: AbiProfile, round: Round): { operations: number } {
  let operations = 0;
  const property = fc.property(
    machineChoice(topologiesOf(round)),
    commandLists,
    (choice, commands) => {
      operations += runSequence(describeMachine(abi, choice), commands);
    },
  );
  fc.assert(property, parametersOf(round));
  return { operations };
}
