import { describe, expect, it } from 'vitest';
import { canInterleave, routingWays } from './interleave.ts';

describe('interleave capability', () => {
  it.each([
    [1, 16384, true],
    [2, 16384, true],
    [4, 8192, true],
    [4, 16384, false],
    [8, 4096, true],
    [8, 8192, false],
    [16, 2048, true],
    [16, 4096, false],
    [3, 16384, true],
    [6, 16384, true],
    [12, 8192, true],
    [12, 16384, false],
  ])('%i ways of %i bytes: %s', (ways, granularity, possible) => {
    expect(canInterleave(ways, granularity)).toBe(possible);
  });

  it.each([
    [3, 1],
    [6, 2],
    [12, 4],
    [8, 8],
  ])('%i ways are routed by the bits of %i', (ways, expected) => {
    expect(routingWays(ways)).toBe(expected);
  });
});
