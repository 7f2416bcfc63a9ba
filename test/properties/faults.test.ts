// A little of the property of faults on each machine; `npm run explore -- faults` does more.
import { afterAll, describe, expect, it } from 'vitest';
import { checkFaults } from './faults.ts';
import { TOPOLOGIES } from './machines.ts';
import { SEED } from './seed.ts';

const RUNS = 3;
const SEQUENCES = TOPOLOGIES.length * RUNS;

describe.each(['mainline-7.2', 'explicit-region-drivers-v1'] as const)('%s', (abi) => {
  const sum = { operations: 0, strikes: 0 };

  // Other sequences on each: those of a single seed may all be short.
  it.each([...TOPOLOGIES.entries()])('%i: random sequences keep %s sound', (index, topology) => {
    const done = checkFaults(abi, { seed: SEED + index, runs: RUNS, topologies: [topology] });
    sum.operations += done.operations;
    sum.strikes += done.strikes;
  });

  afterAll(() => {
    expect(sum.operations).toBeGreaterThan(SEQUENCES * 15);
    expect(sum.strikes).toBeGreaterThan(SEQUENCES / 3);
  });
});
