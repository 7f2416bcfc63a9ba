// What a file says is what its reader gets: parse(format(x)) is x, for every file of BOX_FILES.
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BoxFile, boxDirectory, boxPath } from './box-file.ts';
import { CAPACITY_ADD } from './capacity.ts';
import { BOX_FILES } from './index.ts';
import { formatRefusal, LOG, parseRefusal } from './log.ts';
import { MEMORY_POLICIES, WORKLOAD_KINDS } from './workload.ts';

type Values = {
  readonly [Name in keyof typeof BOX_FILES]: (typeof BOX_FILES)[Name] extends BoxFile<infer T>
    ? Arbitrary<T>
    : never;
};

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const printable = fc.string({ unit: 'grapheme-ascii' });
const word = fc.stringMatching(/^[A-Za-z0-9:._-]{1,20}$/);
const key = fc.stringMatching(/^[a-z_]{1,10}$/);
const value = fc.stringMatching(/^[A-Za-z0-9:._=-]{0,20}$/);
const uuid = fc.uuid().map((each) => each.toLowerCase());
const ids = (least: number): Arbitrary<number[]> =>
  fc
    .uniqueArray(fc.nat({ max: 200 }), { minLength: least, maxLength: 12 })
    .map((each) => each.sort((a, b) => a - b));

/** The keys that are given, and no others: a file does not tell a missing key from undefined. */
function some<T extends object>(
  all: {
    [K in keyof T]: Arbitrary<T[K]>;
  },
): Arbitrary<Partial<T>> {
  return fc.record(all, { requiredKeys: [] }) as Arbitrary<Partial<T>>;
}

const request = fc.record({
  kind: word,
  operands: fc.array(word, { maxLength: 3 }),
  options: fc.array(fc.tuple(key, value)).map((pairs) => new Map(pairs)),
});
const span = fc.record({ offset: count, length: count });
const spans = fc.array(span, { minLength: 1, maxLength: 4 });
const capacity = (force: Arbitrary<boolean>) =>
  fc
    .tuple(fc.record({ extents: spans, force }), some({ tag: uuid }))
    .map(([base, more]) => ({ ...base, ...more }));
const use = { opens: count, faults: count, bytes: count, sigbus: count };

const VALUES: Values = {
  LOG: fc.array(
    fc.record({
      sequence: count,
      level: fc.constantFrom('err', 'warn', 'info', 'debug'),
      text: printable,
    }),
  ),
  EVENTS: fc.array(
    fc.record({
      sequence: count,
      action: word,
      devpath: printable,
      subsystem: word,
      variables: fc.dictionary(word, printable, { noNullPrototype: true }),
    }),
  ),
  FAULT_INJECT: request,
  FAULT_CLEAR: fc.oneof(count, fc.constant('all' as const)),
  FAULT_LIST: fc.array(
    fc
      .tuple(request, fc.record({ number: count, struck: count }))
      .map(([fault, numbers]) => ({ ...fault, ...numbers })),
  ),
  POISON: fc.array(fc.record({ memdev: fc.nat().map((n) => `mem${n}`), dpa: count })),
  CAPACITY_ADD: capacity(fc.constant(false)),
  CAPACITY_RELEASE: capacity(fc.boolean()),
  CAPACITY_EXTENTS: fc.array(
    fc.tuple(span, some({ tag: uuid })).map(([base, more]) => ({ ...base, ...more })),
  ),
  WORKLOAD_CREATE: fc
    .tuple(
      fc.record({ name: word, kind: fc.constantFrom(...WORKLOAD_KINDS), size: count }),
      some({
        nodes: ids(1),
        policy: fc.constantFrom(...MEMORY_POLICIES),
        home: fc.nat({ max: 1023 }),
      }),
    )
    .map(([base, more]) => ({ ...base, ...more })),
  WORKLOAD_DELETE: word,
  WORKLOAD_SIZE: count,
  WORKLOAD_KIND: fc.constantFrom(...WORKLOAD_KINDS),
  WORKLOAD_POLICY: fc.constantFrom(...MEMORY_POLICIES),
  WORKLOAD_NODES: ids(0),
  WORKLOAD_PLACEMENT: fc.array(
    fc.record({ node: fc.nat(), zone: word, pages: count, blocks: ids(0) }),
  ),
  DAX_USE: fc.record({
    ...use,
    size: count,
    writtenBack: count,
    refused: fc.record({ open: count, read: count, write: count }),
    processes: fc.array(fc.record({ pid: count, ...use })),
  }),
};

describe('parse(format(x)) is x', () => {
  const files = Object.keys(BOX_FILES) as readonly (keyof typeof BOX_FILES)[];
  it.each(files)('%s', (name) => {
    const file: BoxFile<unknown> = BOX_FILES[name] as BoxFile<unknown>;
    const values: Arbitrary<unknown> = VALUES[name];
    fc.assert(
      fc.property(values, (each) => {
        expect(file.parse(file.format(each))).toEqual(each);
      }),
    );
  });

  it('a refusal in the log', () => {
    const refusals = fc.record({ path: word, errno: fc.constant('EBUSY'), reason: printable });
    fc.assert(
      fc.property(refusals, (each) => {
        expect(parseRefusal(formatRefusal(each))).toEqual(each);
      }),
    );
  });
});

const TAG = '11111111-2222-3333-4444-555555555555';

describe('texts as users and scripts know them', () => {
  it.each([
    ['LOG', [{ sequence: 7, level: 'err', text: 'it; broke' }], '3,7;it; broke\n'],
    [
      'CAPACITY_ADD',
      {
        extents: [
          { offset: 0, length: 16 },
          { offset: 32, length: 16 },
        ],
        tag: TAG,
        force: false,
      },
      `0x0 0x10 0x20 0x10 tag=${TAG}\n`,
    ],
    [
      'CAPACITY_RELEASE',
      { extents: [{ offset: 0, length: 0x20_0000 }], force: true },
      '0x0 0x200000 force\n',
    ],
    [
      'CAPACITY_EXTENTS',
      [
        { offset: 0, length: 16 },
        { offset: 32, length: 16, tag: TAG },
      ],
      `0x0 0x10\n0x20 0x10 ${TAG}\n`,
    ],
    [
      'WORKLOAD_PLACEMENT',
      [{ node: 2, zone: 'Movable', pages: 3, blocks: [50, 51] }],
      'node=2 zone=Movable pages=3 blocks=50-51\n',
    ],
    ['POISON', [{ memdev: 'mem0', dpa: 4096 }], 'mem0 0x1000\n'],
  ] as const)('%s', (name, value, text) => {
    const file = BOX_FILES[name] as BoxFile<unknown>;
    expect([file.format(value), file.parse(text)]).toEqual([text, value]);
  });

  it('untagged is no tag, or the null uuid', () => {
    const { tag } = CAPACITY_ADD.parse('0 16 tag=00000000-0000-0000-0000-000000000000');
    expect(tag).toBeUndefined();
  });
});

it('a text of the log never spans two lines', () => {
  expect(LOG.format([{ sequence: 1, level: 'err', text: 'one\ntwo' }])).toBe('3,1;one two\n');
});

it.each([
  ['LOG', '6,1;fine\nnothing\n', 'line 2 is not \'SEVERITY,NUMBER;TEXT\': "nothing"'],
  ['EVENTS', '{"sequence":1}\n', "line 1 is not 'a uevent as JSON'"],
  ['FAULT_INJECT', 'probe kmem errno=EIO errno=EIO', "'errno' is given twice"],
  ['FAULT_CLEAR', 'one', "expected the number of a fault, or all, not 'one'"],
  ['FAULT_LIST', '1 probe kmem\n', "line 1 is not 'NUMBER KIND ... struck=N'"],
  ['POISON', 'mem0 12\n', "line 1 is not 'memN DPA'"],
  ['CAPACITY_ADD', '0 1 force', 'only a release can be forced'],
  ['CAPACITY_RELEASE', '0', 'OFFSET LENGTH, in bytes, is expected'],
  ['CAPACITY_EXTENTS', '0x0\n', "line 1 is not 'OFFSET LENGTH [UUID]'"],
  ['WORKLOAD_CREATE', 'a anon 4X', "not a size: '4X'; write bytes, or 512M, 4G"],
  ['WORKLOAD_KIND', 'stack', "no kind 'stack'; there are anon,"],
  ['WORKLOAD_PLACEMENT', 'node=0\n', "line 1 is not 'node=N zone=ZONE pages=N blocks=LIST'"],
  ['DAX_USE', 'size 1\n', "'opens N' is missing"],
] as const)('%s says what is wrong with %j', (name, text, reason) => {
  expect(() => BOX_FILES[name].parse(text)).toThrow(reason);
});

it('has the path of a file, and the directory of files that differ by name', () => {
  expect(boxPath(BOX_FILES.CAPACITY_ADD, 'mem3')).toBe(
    '/sys/kernel/debug/cxlbox/capacity/mem3/add',
  );
  expect(boxPath(BOX_FILES.DAX_USE, 'dax0.1')).toBe('/sys/kernel/debug/cxlbox/dax/dax0.1');
  expect(boxDirectory(BOX_FILES.WORKLOAD_SIZE)).toBe('/sys/kernel/debug/cxlbox/workload');
});
