import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyXorMaps,
  dpaToHpa,
  hpaToDpa,
  type Interleave,
  type RegionMap,
  revertXorMaps,
  toDeviceOffset,
  toRegionOffset,
} from './address.ts';
import { INTERLEAVE_GRANULARITIES, INTERLEAVE_WAYS } from './interleave.ts';

const MIB = 2 ** 20;

/** The index into a decoder's targets to which an offset is routed. */
function targetIndex(decoder: Interleave, offset: number): number {
  return toDeviceOffset(decoder, offset).position;
}

describe('known translations, worked out by the bit fields of CXL 3.1, 8.2.4.20.13', () => {
  // [ways, granularity, offset in the region, position, offset in the device]
  it.each<[number, number, number, number, number]>([
    [1, 256, 0x12345, 0, 0x12345],
    // IW=1, IG=0: bit 8 selects, DPA[51:8] = HPA[51:9].
    [2, 256, 0x0, 0, 0x0],
    [2, 256, 0x1ff, 1, 0xff],
    [2, 256, 0x200, 0, 0x100],
    [2, 4096, 0x1234, 1, 0x234],
    [2, 4096, 0x5678, 1, 0x2678],
    // IW=2: bits 9:8 select, DPA[51:8] = HPA[51:10].
    [4, 256, 0x7a5, 3, 0x1a5],
    [4, 1024, 0x3c01, 3, 0xc01],
    [8, 256, 0xfff, 7, 0x1ff],
    [8, 16384, 0x3ffff, 7, 0x7fff],
    [16, 256, 0x10000, 0, 0x1000],
    [16, 512, 0x1fff, 15, 0x1ff],
    // IW=8, three ways: DPA[51:8] = HPA[51:8] / 3, the remainder selects.
    [3, 256, 0x2ff, 2, 0xff],
    [3, 256, 0x300, 0, 0x100],
    [3, 4096, 0x7abc, 1, 0x2abc],
    // IW=9, six ways: DPA[51:8] = HPA[51:9] / 3; position = remainder * 2 + bit 8.
    [6, 256, 0x500, 5, 0x0],
    [6, 256, 0x600, 0, 0x100],
    [6, 1024, 0x4321, 4, 0xb21],
    // IW=10, twelve ways: DPA[51:8] = HPA[51:10] / 3; position = remainder * 4 + bits 9:8.
    [12, 256, 0xb80, 11, 0x80],
    [12, 256, 0xc00, 0, 0x100],
    [12, 512, 0x2000, 4, 0x200],
  ])(
    '%i ways of %i: %i is at position %i, %i',
    (ways, granularity, offset, position, dpaOffset) => {
      expect(toDeviceOffset({ ways, granularity }, offset)).toEqual({ position, dpaOffset });
      expect(toRegionOffset({ ways, granularity }, { position, dpaOffset })).toBe(offset);
    },
  );
});

/** The specification's own formulation, on bit fields. */
function bitwise(ways: number, granularity: number, offset: number) {
  const ig = BigInt(Math.log2(granularity));
  const at = BigInt(offset);
  const low = at & ((1n << ig) - 1n);
  if (ways % 3 !== 0) {
    const iw = BigInt(Math.log2(ways));
    const position = (at >> ig) & ((1n << iw) - 1n);
    return { position: Number(position), dpaOffset: Number(((at >> (ig + iw)) << ig) | low) };
  }
  const iw = BigInt(Math.log2(ways / 3));
  const upper = at >> (ig + iw);
  const position = ((upper % 3n) << iw) | ((at >> ig) & ((1n << iw) - 1n));
  return { position: Number(position), dpaOffset: Number(((upper / 3n) << ig) | low) };
}

const interleave = fc.record({
  ways: fc.constantFrom(...INTERLEAVE_WAYS),
  granularity: fc.constantFrom(...INTERLEAVE_GRANULARITIES),
});

describe('properties, for every ways and granularity', () => {
  const combinations = INTERLEAVE_WAYS.flatMap((ways) =>
    INTERLEAVE_GRANULARITIES.map((granularity) => [ways, granularity] as const),
  );

  it.each(combinations)(
    '%i ways of %i: a bijection of two stripes, without gaps',
    (ways, granularity) => {
      const seen = new Set<string>();
      const step = granularity / 4;
      for (let offset = 0; offset < 2 * ways * granularity; offset += step) {
        const place = toDeviceOffset({ ways, granularity }, offset);
        expect(place.position).toBeLessThan(ways);
        expect(place.dpaOffset).toBeLessThan(2 * granularity);
        expect(toRegionOffset({ ways, granularity }, place)).toBe(offset);
        seen.add(`${place.position}:${place.dpaOffset}`);
      }
      expect(seen.size).toBe(8 * ways);
    },
  );

  it('the arithmetic rule and the bit fields agree up to 2^52', () => {
    fc.assert(
      fc.property(
        interleave,
        fc.integer({ min: 0, max: 2 ** 52 - 1 }),
        ({ ways, granularity }, offset) => {
          const place = toDeviceOffset({ ways, granularity }, offset);
          expect(place).toEqual(bitwise(ways, granularity, offset));
          expect(toRegionOffset({ ways, granularity }, place)).toBe(offset);
        },
      ),
    );
  });
});

describe('the way through decoders', () => {
  // [ways of root, host bridge, switch]; the position of the endpoint counts the root's index
  // fastest.
  it.each([
    [2, 1, 1],
    [2, 2, 1],
    [2, 2, 2],
    [1, 4, 2],
    [4, 2, 2],
    [1, 2, 8],
  ])('root %i, host bridge %i, switch %i lead where the region says', (...levels) => {
    const ways = levels.reduce((product, each) => product * each, 1);
    const start = 0x1_9000_0000;
    let granularity = 256;
    const decoders = levels.map((each) => {
      const decoder = { ways: each, granularity };
      granularity *= each;
      return decoder;
    });
    for (let address = start; address < start + 4 * ways * 256; address += 64) {
      let stride = 1;
      let position = 0;
      for (const decoder of decoders) {
        position += targetIndex(decoder, address - start) * stride;
        stride *= decoder.ways;
      }
      expect(position).toBe(toDeviceOffset({ ways, granularity: 256 }, address - start).position);
    }
  });

  it('three host bridges of two ports: both decoders look at the same granule', () => {
    const positions = new Set<string>();
    for (let granule = 0; granule < 6; granule += 1) {
      const root = targetIndex({ ways: 3, granularity: 256 }, granule * 256);
      const bridge = targetIndex({ ways: 2, granularity: 256 }, granule * 256);
      positions.add(`${root}.${bridge}`);
    }
    expect(positions.size).toBe(6);
  });
});

describe('XOR arithmetic (CXIMS)', () => {
  // [maps, address, address for modulo arithmetic]
  it.each<[bigint[], number, number]>([
    [[0x404100n], 0x0, 0x0],
    [[0x404100n], 0x100, 0x100],
    [[0x404100n], 0x4000, 0x4100],
    [[0x404100n], 0x404000, 0x404000],
    [[0x404100n], 0x404100, 0x404100],
    [[0x404100n, 0x808200n], 0x8000, 0x8200],
    [[0x404100n, 0x808200n], 0xc000, 0xc300],
    [[0n, 0x404100n], 0x4000, 0x4100],
  ])('case %#', (maps, address, expected) => {
    expect(applyXorMaps(maps, address)).toBe(expected);
    expect(revertXorMaps(maps, expected)).toBe(address);
  });

  it('is a bijection for any maps', () => {
    const map = fc.bigInt({ min: 0n, max: (1n << 40n) - 1n });
    fc.assert(
      fc.property(
        fc.array(map, { maxLength: 4 }),
        fc.integer({ min: 0, max: 2 ** 40 - 1 }),
        (maps, at) => {
          expect(revertXorMaps(maps, applyXorMaps(maps, at))).toBe(at);
          expect(applyXorMaps(maps, revertXorMaps(maps, at))).toBe(at);
        },
      ),
    );
  });
});

function regionMap(ways: number, granularity: number, xorMaps: readonly bigint[] = []): RegionMap {
  const targets = Array.from({ length: ways }, (_, index) => ({
    device: `mem${index}`,
    dpa: index * 256 * MIB,
  }));
  return { start: 0x1_9000_0000, size: ways * 256 * MIB, ways, granularity, targets, xorMaps };
}

describe('regions', () => {
  const base = 0x1_9000_0000;
  it.each<[RegionMap, number, string, number]>([
    [regionMap(1, 256), base + 0x1234, 'mem0', 0x1234],
    [regionMap(2, 256), base + 0x100, 'mem1', 256 * MIB],
    [regionMap(2, 256, [0x404100n]), base + 0x4000, 'mem1', 256 * MIB + 0x2000],
    [regionMap(3, 4096), base + 3 * 256 * MIB - 1, 'mem2', 3 * 256 * MIB - 1],
  ])('case %#', (region, hpa, device, dpa) => {
    expect(hpaToDpa(region, hpa)).toMatchObject({ device, dpa });
    expect(dpaToHpa(region, device, dpa)).toBe(hpa);
  });

  it('know nothing outside their range or of other devices', () => {
    const region = regionMap(2, 256);
    expect(hpaToDpa(region, base - 1)).toBeUndefined();
    expect(hpaToDpa(region, base + region.size)).toBeUndefined();
    expect(dpaToHpa(region, 'mem0', 256 * MIB)).toBeUndefined();
    expect(dpaToHpa(region, 'mem2', 0)).toBeUndefined();
    expect(
      hpaToDpa({ ...region, targets: region.targets.slice(0, 1) }, base + 0x100),
    ).toBeUndefined();
  });

  it('translate there and back', () => {
    fc.assert(
      fc.property(
        interleave,
        fc.nat(256 * MIB - 1),
        fc.boolean(),
        ({ ways, granularity }, offset, xor) => {
          const maps = xor && [2, 4, 8].includes(ways) ? [BigInt(granularity) | 0x4000000n] : [];
          const region = regionMap(ways, granularity, maps);
          const hpa = region.start + offset;
          const place = hpaToDpa(region, hpa);
          expect(place && dpaToHpa(region, place.device, place.dpa)).toBe(hpa);
        },
      ),
    );
  });
});
