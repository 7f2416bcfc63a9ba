import { describe, expect, it } from 'vitest';
import { Ida } from './ida.ts';

describe('Ida', () => {
  it('hands out the lowest free number, also around taken and freed ones', () => {
    const ida = new Ida();
    expect(ida.take(1)).toBe(true);
    expect(ida.take(1)).toBe(false);
    expect([ida.allocate(), ida.allocate(), ida.allocate()]).toEqual([0, 2, 3]);
    ida.free(2);
    ida.free(0);
    expect([ida.allocate(), ida.allocate(), ida.allocate()]).toEqual([0, 2, 4]);
  });

  it('ignores the freeing of a number that is free', () => {
    const ida = new Ida();
    ida.free(5);
    expect(ida.allocate()).toBe(0);
  });
});
