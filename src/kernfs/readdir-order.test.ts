import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameHash, sortAsSysfs } from './readdir-order.ts';

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const names = fc.oneof(
  fc.string({ unit: byte, maxLength: 40 }),
  fc.integer({ min: 0, max: 2 ** 31 }).map((id) => `memory${id}`),
);

/** The hash as the kernel writes it, in 64-bit integers. */
function hashIn64Bits(name: string): number {
  const mask = 0xffffffffffffffffn;
  let hash = 0n;
  for (const char of name) {
    const c = BigInt(char.charCodeAt(0));
    hash = ((hash + (c << 4n) + (c >> 4n)) * 11n) & mask;
  }
  const folded = Number((((hash * 0x61c8864680b583ebn) & mask) >> 32n) & 0x7fffffffn);
  return Math.min(folded < 2 ? folded + 2 : folded, 0x7ffffffe);
}

describe('the order of sysfs directories', () => {
  // Listings of a real kernel.
  it.each([
    ['cxl_port cxl_mem cxl_nvdimm cxl_pmem_region cxl_dax_region cxl_nvdimm_bridge cxl_region'],
    [
      'cxl_port cxl_mem cxl_sysram_region cxl_nvdimm cxl_dax_kmem_region cxl_pmem_region cxl_dax_region ' +
        'cxl_nvdimm_bridge cxl_region cxl_devdax_region',
    ],
    ['kmem fsdev_dax device_dax'],
  ])('%s', (listing) => {
    const recorded = listing.split(' ');
    expect(sortAsSysfs([...recorded].sort())).toEqual(recorded);
    expect(sortAsSysfs([...recorded].reverse())).toEqual(recorded);
  });

  it('hashes in halves as in 64 bits', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(nameHash(name)).toBe(hashIn64Bits(name));
      }),
      { numRuns: 5000 },
    );
  });

  it('orders by hash, then by name', () => {
    fc.assert(
      fc.property(fc.uniqueArray(names, { maxLength: 50 }), (list) => {
        const order = (a: string, b: string): number =>
          nameHash(a) - nameHash(b) || (a < b ? -1 : 1);
        expect(sortAsSysfs(list)).toEqual([...list].sort(order));
      }),
    );
  });

  it('orders names of one hash by name', () => {
    // Found by search.
    const first = 'dax2529_decoder';
    const second = 'mem2850_node';
    expect(nameHash(first)).toBe(nameHash(second));
    expect(sortAsSysfs([second, 'x', first]).filter((name) => name !== 'x')).toEqual([
      first,
      second,
    ]);
  });
});
