// A few files of `npm run explore -- machine-files`: enough to see that it works, and that nothing
// is badly broken.
import { describe, expect, it } from 'vitest';
import { machineText, tryText } from './machine-files.ts';

const SEED = 7;
const COUNT = Number(process.env.EXPLORE_COUNT ?? 300);

describe('machine files that are changed at random', () => {
  const outcomes = Array.from({ length: COUNT }, (_, index) => ({
    index,
    ...tryText(machineText(SEED, index)),
  }));

  it('are machines that boot, or are refused with a place', () => {
    const faults = outcomes.flatMap(({ index, fault }) =>
      fault === undefined ? [] : [`seed ${SEED}, file ${index}: ${fault}`],
    );
    expect(faults).toEqual([]);
  });

  it('are some of each kind', () => {
    const kinds = new Set(outcomes.map(({ verdict }) => verdict));
    expect([...kinds]).toEqual(expect.arrayContaining(['booted', 'refused']));
  });

  it('are the same for the same seed, and others for another', () => {
    expect(machineText(SEED, 5)).toBe(machineText(SEED, 5));
    expect(machineText(SEED, 5)).not.toBe(machineText(SEED + 1, 5));
  });
});
