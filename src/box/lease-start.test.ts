import { expect, test } from 'vitest';
import { leaseStart } from './lease-start.ts';

test('a guard is asked for once, after many lookups, and names are leased when it is there', () => {
  const guarded = new Int32Array(1);
  let asked = 0;
  const leasing = leaseStart(guarded, () => {
    asked += 1;
  });
  const lookUp = (times: number) => Array.from({ length: times }, leasing).some(Boolean);
  expect([lookUp(399), asked, lookUp(1000), asked]).toEqual([false, 0, false, 1]);
  guarded[0] = 1;
  expect([leasing(), asked]).toEqual([true, 1]);
});
