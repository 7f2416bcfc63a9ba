import { expect, test } from 'vitest';
import { leaseStart } from './lease-start.ts';

function guardThatIs(there: boolean) {
  const guard = {
    there,
    asked: 0,
    looks: 0,
    ask: () => {
      guard.asked += 1;
    },
    isThere: () => {
      guard.looks += 1;
      return guard.there;
    },
  };
  return guard;
}

test('a guard is asked for once, after many lookups, and names are leased when it is there', () => {
  const guard = guardThatIs(false);
  const leasing = leaseStart(guard);
  const lookUp = (times: number) => Array.from({ length: times }, leasing).some(Boolean);
  expect([lookUp(399), guard.asked, guard.looks]).toEqual([false, 0, 1]);
  expect([lookUp(401), guard.asked, guard.looks]).toEqual([false, 1, 21]);
  guard.there = true;
  expect([lookUp(19), lookUp(1), lookUp(1), guard.asked]).toEqual([false, true, true, 1]);
});

test('names are leased at once where there is a guard', () => {
  expect(leaseStart(guardThatIs(true))()).toBe(true);
});
