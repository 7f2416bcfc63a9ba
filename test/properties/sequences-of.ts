/**
 * The same property for each ABI profile; a file for each, so that they run beside each other.
 */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { AbiProfile } from '../../src/platform/profiles/index.ts';
import { commandsOf, machineChoice, SEED } from './commands.ts';
import { describeMachine } from './machines.ts';
import { ACTIONS, CALM_ACTIONS, runSequence } from './random-sequences.ts';

/** Half of the 100,000 operations that both profiles do together. */
const OPERATIONS = Number(process.env.CXLBOX_OPERATIONS ?? 100_000) / 2;
const MAX_LENGTH = 240;
/** The mean is somewhat above: some commands are several operations. */
const RUNS = Math.ceil(OPERATIONS / (MAX_LENGTH / 2));

const commandLists = fc.oneof(
  commandsOf(CALM_ACTIONS, MAX_LENGTH),
  commandsOf(ACTIONS, MAX_LENGTH),
);

export function propertyOfSequences(abi: AbiProfile): void {
  let operations = 0;
  const started = performance.now();

  afterAll(() => {
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `${abi}: ${operations} operations in ${seconds.toFixed(1)} s, ${Math.round(operations / seconds)} per second, seed ${SEED}`,
    );
  });

  it(`${abi}: random sequences keep the machine sound`, { timeout: 600_000 }, () => {
    const property = fc.property(machineChoice, commandLists, (choice, commands) => {
      operations += runSequence(describeMachine(abi, choice), commands);
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
    expect(operations).toBeGreaterThanOrEqual(OPERATIONS * 0.9);
  });
}
