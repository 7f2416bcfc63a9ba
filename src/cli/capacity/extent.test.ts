import { describe, expect, it } from 'vitest';
import type { Extent } from '../../cxlbox-abi/capacity.ts';
import { firstFit, freeBytes } from './extent.ts';

const taken = (...pairs: readonly (readonly [number, number])[]): Extent[] =>
  pairs.map(([offset, length]) => ({ offset, length }));

describe('where a new extent fits', () => {
  it.each([
    ['nothing is taken', 100, 10, taken(), 0],
    ['behind the first', 100, 10, taken([0, 10]), 10],
    ['in a hole', 100, 10, taken([0, 10], [20, 80]), 10],
    ['no hole is large enough', 100, 11, taken([0, 10], [20, 80]), undefined],
    ['up to the end', 100, 80, taken([0, 20]), 20],
    ['beyond the end', 100, 81, taken([0, 20]), undefined],
    ['hosts share one', 100, 10, taken([0, 30], [0, 30], [30, 10]), 40],
    ['whatever the order', 100, 10, taken([20, 80], [0, 10]), 10],
  ])('%s', (_, size, length, extents, offset) => {
    expect(firstFit(size, length, extents)).toBe(offset);
  });
});

it.each([
  [taken(), 100],
  [taken([0, 10], [50, 10]), 80],
  [taken([0, 30], [0, 30]), 70],
  [taken([0, 30], [10, 30]), 60],
])('free of %j', (extents, free) => {
  expect(freeBytes(100, extents)).toBe(free);
});
