import { describe, expect, it } from 'vitest';
import { ClaimRefusedError, conflictOf } from './claims.ts';

const other = (start: number, end: number) => ({ host: 'other', dax: 'dax0.0', start, end });

describe('a claim beside [16, 32) of another host', () => {
  it.each<[string, number, number, boolean]>([
    ['the same', 16, 32, true],
    ['before it', 0, 16, true],
    ['behind it', 32, 48, true],
    ['its first half', 16, 24, false],
    ['its second half', 24, 32, false],
    ['its middle', 20, 28, false],
    ['all around it', 0, 48, false],
    ['over its start', 8, 20, false],
    ['over its end', 28, 40, false],
    ['from its start on', 16, 48, false],
    ['up to its end', 0, 32, false],
  ])('%s: [%i, %i) is allowed: %s', (_, start, end, allowed) => {
    const found = conflictOf({ start, end }, [other(64, 80), other(16, 32)]);
    expect(found).toEqual(allowed ? undefined : other(16, 32));
  });
});

it('a refusal names both ranges, the other host and its dax device', () => {
  const { message } = new ClaimRefusedError('pool', { start: 0, end: 4096 }, other(0, 8192));
  expect(message).toBe(
    "dpa 0x0-0xfff of shared device 'pool' overlaps 0x0-0x1fff, which host 'other' maps as dax0.0",
  );
});
