import { describe, expect, it } from 'vitest';
import { deviceCdat, switchCdat } from './cdat.ts';

function bytes(text: string | undefined): number[] {
  return [...(text ?? '')].map((character) => character.charCodeAt(0));
}

const PERFORMANCE = {
  readLatency: 150,
  writeLatency: 255,
  readBandwidth: 16000,
  writeBandwidth: 333,
};

describe('deviceCdat', () => {
  const table = bytes(deviceCdat([{ mode: 'pmem', size: 0x4000_0000, performance: PERFORMANCE }]));

  it('has its length first and a byte sum of zero', () => {
    expect(table.slice(0, 5)).toEqual([160, 0, 0, 0, 2]);
    expect(table.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
  });

  it('marks persistent memory', () => {
    expect(table.slice(16, 22)).toEqual([0, 0, 24, 0, 0, 4]);
  });

  it.each([
    ['read latency in units of 10 ns', 40, 10_000, 15],
    ['write latency in units of 1 ns where it does not divide', 64, 1000, 255],
    ['read bandwidth in units of 1000 MB/s', 88, 1000, 16],
    ['write bandwidth in MB/s where it does not divide', 112, 1, 333],
  ])('%s', (_, offset, unit, entry) => {
    const word = (at: number): number => (table[at] ?? 0) + (table[at + 1] ?? 0) * 256;
    expect([word(offset + 8), word(offset + 16)]).toEqual([unit, entry]);
  });

  it('is absent where nothing is known', () => {
    expect(deviceCdat([{ mode: 'ram', size: 0x1000_0000 }])).toBeUndefined();
  });
});

describe('switchCdat', () => {
  const config = { kind: 'switch' as const, address: '0000:0d:00.0', decoders: 4 };
  const downstream = [0, 1, 2].map((portNumber) => ({
    address: `0000:0e:0${portNumber}.0`,
    portNumber,
  }));

  it('has an entry for each downstream port', () => {
    const table = bytes(switchCdat({ ...config, downstream }));
    expect(table).toHaveLength(16 + 2 * (16 + 3 * 8));
    expect(table.slice(32, 36)).toEqual([0, 1, 0, 0]);
    expect(table.slice(40, 44)).toEqual([0, 1, 1, 0]);
  });

  it('is absent for a switch that does not tell', () => {
    expect(switchCdat({ ...config, downstream, performance: 'unknown' })).toBeUndefined();
  });
});
