import { describe, expect, it } from 'vitest';
import { type Extent, extentsText, firstFit, freeBytes, parseExtents } from './extent.ts';

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

it('the text of a box and what it is told are read and written alike', () => {
  const tag = '11111111-2222-3333-4444-555555555555';
  const extents = parseExtents(`0x0 0x200000\n0x400000 0x200000 ${tag}\n`);
  expect(extents).toEqual([
    { offset: 0, length: 0x200000 },
    { offset: 0x400000, length: 0x200000, tag },
  ]);
  expect(extents.map((extent) => extentsText([extent], 'force'))).toEqual([
    '0x0 0x200000 force',
    `0x400000 0x200000 tag=${tag} force`,
  ]);
  expect(
    extentsText([
      { offset: 0, length: 16, tag },
      { offset: 32, length: 16, tag },
    ]),
  ).toBe(`0x0 0x10 0x20 0x10 tag=${tag}`);
});
