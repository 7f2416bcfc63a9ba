import { describe, expect, it } from 'vitest';
import { cpuMask, hex, paddedHex, parseRangeList, rangeList } from './format.ts';

describe('numbers', () => {
  it('prints zero as 0x0, as the kernel does and C does not', () => {
    expect(hex(0)).toBe('0x0');
    expect(hex(0x190000000)).toBe('0x190000000');
    expect(paddedHex(0x10000000)).toBe('0x0000000010000000');
  });
});

describe('range lists', () => {
  it.each<[number[], string]>([
    [[], ''],
    [[0], '0'],
    [[0, 1], '0-1'],
    [[0, 1, 3], '0-1,3'],
    [[2, 4, 5, 6, 9], '2,4-6,9'],
  ])('%j <-> %s', (ids, text) => {
    expect(rangeList(ids)).toBe(text);
    expect(parseRangeList(text, 64)).toEqual(ids);
  });

  it('refuses what is no list', () => {
    for (const text of ['a', '1-', '-1', '1,,2', '1 2', '3-1'])
      expect(parseRangeList(text, 64)).toBeUndefined();
  });

  it('refuses numbers beyond the end before it writes them out', () => {
    for (const text of ['64', '0-4294967295', '0-63,0-63'])
      expect(parseRangeList(text, 64)).toBeUndefined();
  });
});

describe('cpu masks (cpumap_print_to_pagebuf)', () => {
  it.each<[number[], number, string]>([
    [[0], 1, '1'],
    [[0], 2, '1'],
    [[1], 2, '2'],
    [[], 8, '00'],
    [[31], 32, '80000000'],
    [[32], 33, '1,00000000'],
    [[0, 63], 64, '80000000,00000001'],
    [[64], 65, '1,00000000,00000000'],
  ])('%j of %i bits -> %s', (cpus, bits, expected) => {
    expect(cpuMask(cpus, bits)).toBe(expected);
  });
});
