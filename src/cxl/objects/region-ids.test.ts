import { describe, expect, it } from 'vitest';
import { RegionIds } from './region-ids.ts';

describe('RegionIds', () => {
  it('reuses what was freed', () => {
    const ids = new RegionIds();
    expect([ids.allocate(), ids.allocate()]).toEqual([0, 1]);
    ids.free(0);
    expect(ids.allocate()).toBe(0);
  });
});
