/**
 * A little of the property of random sequences on each machine; a file for each ABI profile, so
 * that they run beside each other. `npm run explore -- sequences` does more.
 */
import { afterAll, expect, it } from 'vitest';
import type { AbiProfile } from '../../src/platform/profiles/index.ts';
import { TOPOLOGIES } from './machines.ts';
import { SEED } from './seed.ts';
import { checkSequences } from './sequences.ts';

const RUNS = 3;
/** Sequences have up to 240 commands, some of which are several operations. */
const MIN_OPERATIONS = TOPOLOGIES.length * RUNS * 40;

export function propertyOfSequences(abi: AbiProfile): void {
  let operations = 0;

  it.each(TOPOLOGIES)(`${abi}: random sequences keep %s sound`, (topology) => {
    operations += checkSequences(abi, {
      seed: SEED,
      runs: RUNS,
      topologies: [topology],
    }).operations;
  });

  afterAll(() => {
    expect(operations).toBeGreaterThanOrEqual(MIN_OPERATIONS);
  });
}
