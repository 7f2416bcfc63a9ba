import { describe, expect, it } from 'vitest';
import { availableSlots } from './nd-dimm.ts';

describe('availableSlots', () => {
  it.each([
    [1 << 20, 4089],
    [0, 0],
  ])('of a label area of %d bytes: %d', (size, slots) => {
    expect(availableSlots(size)).toBe(slots);
  });
});
