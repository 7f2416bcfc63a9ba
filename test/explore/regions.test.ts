// A few of the machines of `npm run explore -- regions`.
import { describe, expect, it } from 'vitest';
import { isWronglyAccepted, isWronglyRefused, type Tried, toldOf, tryRegions } from './regions.ts';

const SEED = 11;
const COUNT = Number(process.env.EXPLORE_COUNT ?? 400);

describe('regions that are made at random', () => {
  const cases = Array.from({ length: COUNT }, (_, index) => tryRegions(SEED, index));
  const toldIf = (isWrong: (tried: Tried) => boolean): string[] =>
    cases.flatMap((tried, index) => (isWrong(tried) ? [toldOf(index, tried)] : []));

  it('are refused where the boot would refuse them', () => {
    expect(toldIf(isWronglyAccepted)).toEqual([]);
  });

  it('are accepted where the boot takes them', () => {
    expect(toldIf(isWronglyRefused)).toEqual([]);
  });

  it('are of both kinds', () => {
    const fine = cases.filter(({ findings }) => findings.length === 0).length;
    expect(fine).toBeGreaterThan(COUNT / 10);
    expect(fine).toBeLessThan((COUNT * 9) / 10);
  });
});
