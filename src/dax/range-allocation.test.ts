import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DaxMachine, GIB, MIB, WINDOW_START } from '../../test/dax/dax-machine.ts';
import { PAGE_SIZE } from '../units.ts';
import type { DaxDevice } from './dax-device.ts';
import type { DaxRegion } from './dax-region.ts';
import { lengthOf } from './range-allocation.ts';

/** A region without kmem, so that no driver takes what the tests lay out. */
function emptyRegion(size = 16 * GIB): { machine: DaxMachine; region: DaxRegion; path: string } {
  const machine = new DaxMachine({ drivers: [] });
  return { machine, ...machine.produce({ size }, 0) };
}

/** Ranges in GiB from the region's start: [start, end) and page offset in GiB. */
function layout(dax: DaxDevice): number[][] {
  return dax.ranges.map(({ start, end, pageOffset }) => [
    (start - WINDOW_START) / GIB,
    (end + 1 - WINDOW_START) / GIB,
    (pageOffset * PAGE_SIZE) / GIB,
  ]);
}

type Placed = readonly (readonly [start: number, end: number])[];

/** What devices A and B hold, how much A grows, what A has then; all in GiB. */
const GROWTHS: readonly [string, Placed, Placed, number, number[][]][] = [
  ['empty region', [], [], 2, [[0, 2, 0]]],
  [
    'in place, then the hole at the end',
    [[0, 4]],
    [[8, 12]],
    6,
    [
      [0, 8, 0],
      [12, 14, 8],
    ],
  ],
  [
    'never prepended',
    [[4, 8]],
    [],
    2,
    [
      [4, 8, 0],
      [0, 2, 4],
    ],
  ],
  [
    'the hole before the first range comes first',
    [[4, 8]],
    [],
    6,
    [
      [4, 8, 0],
      [0, 4, 4],
      [8, 10, 8],
    ],
  ],
  [
    'behind an own range that is not the last',
    [
      [0, 2],
      [6, 8],
    ],
    [],
    2,
    [
      [0, 2, 0],
      [6, 8, 2],
      [2, 4, 4],
    ],
  ],
  [
    'behind a range of another device',
    [[12, 14]],
    [[0, 4]],
    3,
    [
      [12, 14, 0],
      [4, 7, 2],
    ],
  ],
  [
    'all holes',
    [[2, 4]],
    [[6, 8]],
    12,
    [
      [2, 4, 0],
      [0, 2, 2],
      [4, 6, 4],
      [8, 16, 6],
    ],
  ],
];

describe('growth takes the lowest hole', () => {
  it.each(GROWTHS)('%s', (_, first, second, growth, expected) => {
    const { region } = emptyRegion();
    const [a] = region.devices;
    const b = region.createSeed();
    for (const [dax, placed] of [
      [a, first],
      [b, second],
    ] as const) {
      for (const [start, end] of placed) dax?.map(WINDOW_START + start * GIB, (end - start) * GIB);
    }
    a?.resize(a.size + growth * GIB);
    expect(a && layout(a)).toEqual(expected);
  });
});

/** Ranges of the device, the size it shrinks to, what is left; in GiB. */
const SHRINKS: readonly [string, Placed, number, number[][]][] = [
  ['the tail of the last range', [[0, 4]], 1, [[0, 1, 0]]],
  [
    'whole ranges, last first',
    [
      [8, 12],
      [0, 4],
    ],
    4,
    [[8, 12, 0]],
  ],
  [
    'whole ranges, then a tail',
    [
      [8, 12],
      [0, 4],
      [5, 6],
    ],
    3,
    [[8, 11, 0]],
  ],
  [
    'everything',
    [
      [8, 12],
      [0, 4],
    ],
    0,
    [],
  ],
];

describe('shrinking takes from the end', () => {
  it.each(SHRINKS)('%s', (_, placed, size, expected) => {
    const { machine, region, path } = emptyRegion();
    const [dax] = region.devices;
    for (const [start, end] of placed) dax?.map(WINDOW_START + start * GIB, (end - start) * GIB);
    dax?.resize(size * GIB);
    expect(dax && layout(dax)).toEqual(expected);
    const mappings = machine.list(`${path}/dax0.0`).filter((name) => /^mapping\d/.test(name));
    expect(mappings).toEqual(expected.map((_, index) => `mapping${index}`));
  });
});

describe('mapping directories', () => {
  it('show the range, its end growing in place', () => {
    const { machine, region, path } = emptyRegion();
    const files = ['start', 'end', 'page_offset', 'uevent'].map(
      (name) => `${path}/dax0.0/mapping0/${name}`,
    );
    region.devices[0]?.resize(2 * MIB);
    expect(files.map((file) => machine.read(file))).toEqual([
      '0x400000000\n',
      '0x4001fffff\n',
      '0x0\n',
      '',
    ]);
    region.devices[0]?.resize(4 * MIB);
    expect(machine.read(`${path}/dax0.0/mapping0/end`)).toBe('0x4003fffff\n');
  });

  it('are numbered by the lowest free number and send no events', () => {
    const { machine, region, path } = emptyRegion();
    const before = machine.kernel.uevents.sequence;
    const [dax] = region.devices;
    for (const start of [4, 2, 0]) dax?.map(WINDOW_START + start * GIB, GIB);
    dax?.resize(GIB);
    dax?.map(WINDOW_START, 2 * GIB);
    expect(machine.read(`${path}/dax0.0/mapping1/page_offset`)).toBe('0x40000\n');
    expect(machine.list(`${path}/dax0.0`)).not.toContain('mapping2');
    expect(machine.kernel.uevents.sequence).toBe(before);
  });
});

type Step =
  | { readonly kind: 'create' }
  | { readonly kind: 'size' | 'delete'; readonly device: number; readonly units: number }
  | {
      readonly kind: 'mapping';
      readonly device: number;
      readonly start: number;
      readonly units: number;
    };

const UNIT = 256 * MIB;
const REGION_UNITS = 16;
const anyUnits = fc.integer({ min: 0, max: REGION_UNITS + 2 });
const anyDevice = fc.integer({ min: 0, max: 4 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const) }),
  fc.record({
    kind: fc.constantFrom('size' as const, 'delete' as const),
    device: anyDevice,
    units: anyUnits,
  }),
  fc.record({
    kind: fc.constant('mapping' as const),
    device: anyDevice,
    start: anyUnits,
    units: anyUnits,
  }),
);

function run(machine: DaxMachine, path: string, step: Step): void {
  if (step.kind === 'create') {
    machine.attempt(`${path}/dax_region/create`, '1');
    return;
  }
  const name = `dax0.${step.device}`;
  if (!machine.exists(`${path}/${name}`)) return;
  if (step.kind === 'delete') machine.attempt(`${path}/dax_region/delete`, name);
  if (step.kind === 'size') machine.attempt(`${path}/${name}/size`, `${step.units * UNIT}`);
  if (step.kind !== 'mapping') return;
  const start = WINDOW_START + step.start * UNIT;
  machine.attempt(
    `${path}/${name}/mapping`,
    `${start.toString(16)}-${(start + step.units * UNIT - 1).toString(16)}`,
  );
}

describe('whatever is written', () => {
  it('ranges and available bytes sum up to the region, never overlap, and follow one another in each device', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const { machine, region, path } = emptyRegion(REGION_UNITS * UNIT);
        for (const step of steps) run(machine, path, step);
        const all = region.devices
          .flatMap((dax) => dax.ranges)
          .sort((left, right) => left.start - right.start);
        const used = all.reduce((sum, range) => sum + lengthOf(range), 0);
        expect(used + Number(machine.read(`${path}/dax_region/available_size`))).toBe(region.size);
        all.forEach((range, index) => {
          expect(range.start).toBeGreaterThan(all[index - 1]?.end ?? region.start - 1);
        });
        expect(all.at(-1)?.end ?? 0).toBeLessThanOrEqual(region.end);
        for (const dax of region.devices) {
          let offset = 0;
          for (const range of dax.ranges) {
            expect(range.pageOffset * PAGE_SIZE).toBe(offset);
            offset += lengthOf(range);
          }
          const mappings = machine
            .list(`${path}/${dax.name}`)
            .filter((name) => /^mapping\d/.test(name));
          expect(mappings.length).toBe(dax.ranges.length);
        }
        expect(machine.attempt(`${machine.producerPath}/unbind`, 'dax_region0')).toBe('ok');
        expect(machine.list('/sys/bus/dax/devices')).toEqual([]);
        expect(machine.list(path).filter((name) => name.startsWith('dax'))).toEqual([]);
        expect(machine.kernel.devtmpfs.list()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
