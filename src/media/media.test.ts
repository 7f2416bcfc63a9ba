import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegionMap } from '../cxl/address/address.ts';
import { hpaToDpa } from '../cxl/address/address.ts';
import { INTERLEAVE_GRANULARITIES, INTERLEAVE_WAYS } from '../cxl/address/interleave.ts';
import type { DaxHardware, DaxSpan } from '../platform/dax-hardware.ts';
import { DirectDaxFiles } from './direct.ts';
import { MediaPieces } from './pieces.ts';
import { MediaStore } from './store.ts';
import { MediaViews } from './views.ts';

const MIB = 2 ** 20;
const HPA = 0x1_9000_0000;
let folder: string;

/** Without dax devices. */
const IDLE: DaxHardware = {
  spans: () => [],
  served: () => undefined,
  onChange: () => {},
  isLost: () => false,
  onLoss: () => {},
  onErase: () => {},
  askOpenOf: () => {},
  poison: () => new Set(),
  allPoison: () => [],
};

beforeEach(() => {
  folder = mkdtempSync('/dev/shm/cxlbox-media-');
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, at: number, text: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, text, at, 'latin1');
  closeSync(file);
}

function textAt(path: string, at: number, length: number): string {
  return readFileSync(path).toString('latin1', at, at + length);
}

describe('pieces of one device', () => {
  const piecesNow = (): MediaPieces => new MediaPieces(join(folder, 'mem'));

  it('give a file of the size, and the same one again', () => {
    const media = piecesNow();
    const path = media.claim(4 * MIB, 8 * MIB);
    expect(statSync(path)).toMatchObject({ size: 4 * MIB, blocks: 0 });
    put(path, 5, 'kept');
    expect(media.claim(4 * MIB, 8 * MIB)).toBe(path);
    expect(textAt(path, 5, 4)).toBe('kept');
  });

  // [ranges claimed one after the other]
  it.each<[string, [number, number][]]>([
    ['cut at the end', [[0, 4]]],
    ['cut in the middle', [[2, 6]]],
    ['cut in three', [[2, 4]]],
    [
      'joined',
      [
        [0, 2],
        [2, 8],
        [0, 8],
      ],
    ],
    [
      'joined over a gap',
      [
        [0, 1],
        [6, 8],
        [0, 16],
      ],
    ],
    [
      'cut and joined elsewhere',
      [
        [1, 3],
        [3, 7],
        [2, 5],
      ],
    ],
  ])('keep contents at their address when %s', (_, claims) => {
    const media = piecesNow();
    const first = media.claim(0, 8 * MIB);
    for (let at = 0; at < 8; at += 1) put(first, at * MIB + 17, `mark${at}`);
    for (const [start, end] of claims) {
      const path = media.claim(start * MIB, end * MIB);
      expect(statSync(path).size).toBe((end - start) * MIB);
      for (let at = start; at < Math.min(end, 8); at += 1)
        expect(textAt(path, (at - start) * MIB + 17, 5)).toBe(`mark${at}`);
      // Eight marks, a page each, and nothing else.
      expect(media.occupied(0, 16 * MIB)).toBe(8 * 4096);
    }
  });

  it('keep the file of a piece that keeps its start', () => {
    const media = piecesNow();
    const { ino } = statSync(media.claim(0, 8 * MIB));
    expect(statSync(media.claim(0, 2 * MIB)).ino).toBe(ino);
    expect(statSync(media.claim(0, 16 * MIB)).ino).toBe(ino);
  });

  it('are found again in the folder', () => {
    const before = piecesNow();
    put(before.claim(2 * MIB, 4 * MIB), 0, 'persists');
    before.close();
    const bytes = Buffer.alloc(8);
    piecesNow().read(2 * MIB, bytes);
    expect(bytes.toString()).toBe('persists');
  });

  it.each<[string, (mem: string) => void]>([
    ['it copied the rest of a cut', (mem) => writeFileSync(join(mem, 'cut'), 'half of it')],
    [
      'the rest of a cut had its name',
      (mem) => {
        const whole = readFileSync(join(mem, '0000000000000'));
        writeFileSync(join(mem, (4096).toString(16).padStart(13, '0')), whole.subarray(4096));
      },
    ],
    [
      'a join had made room, and copied one of two',
      (mem) => {
        const whole = readFileSync(join(mem, '0000000000000'));
        writeFileSync(join(mem, (8192).toString(16).padStart(13, '0')), whole.subarray(8192));
        truncateSync(join(mem, '0000000000000'), 8192);
        truncateSync(join(mem, '0000000000000'), 12288);
      },
    ],
  ])('are mended after a box that was killed when %s', (_, kill) => {
    const mem = join(folder, 'mem');
    const before = piecesNow();
    put(before.claim(0, 3 * 4096), 0, 'a'.repeat(4096) + 'b'.repeat(4096) + 'c'.repeat(4096));
    before.close();
    kill(mem);
    const after = piecesNow();
    const bytes = readFileSync(after.claim(0, 3 * 4096));
    expect([0, 4096, 8192].map((at) => bytes.toString('latin1', at, at + 2))).toEqual([
      'aa',
      'bb',
      'cc',
    ]);
    expect(readdirSync(mem)).toEqual(['0000000000000']);
  });

  it('agree with a plain array under any claims, reads, writes and clears', () => {
    const size = 64 * 4096;
    const range = fc.tuple(fc.nat(63), fc.integer({ min: 1, max: 16 }));
    const step = fc.record({
      kind: fc.constantFrom('claim', 'write', 'clear'),
      range,
      byte: fc.nat(255),
    });
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        run += 1;
        const media = new MediaPieces(join(folder, `run${run}`));
        const model = Buffer.alloc(size);
        for (const {
          kind,
          range: [page, pages],
          byte,
        } of steps) {
          const start = page * 4096;
          const end = Math.min(size, start + pages * 4096);
          if (kind === 'claim')
            expect(readFileSync(media.claim(start, end)).equals(model.subarray(start, end))).toBe(
              true,
            );
          if (kind === 'write') {
            media.write(start + 1, Buffer.alloc(end - start - 1, byte));
            model.fill(byte, start + 1, end);
          }
          if (kind === 'clear') {
            media.clear(start, end);
            model.fill(0, start, end);
          }
        }
        const bytes = Buffer.alloc(size);
        media.read(0, bytes);
        expect(bytes.equals(model)).toBe(true);
        media.close();
      }),
      { numRuns: 60 },
    );
  });
});

function regionMap(ways: number, granularity: number, xorMaps: readonly bigint[] = []): RegionMap {
  const targets = Array.from({ length: ways }, (_, index) => ({
    device: `mem${index}`,
    dpa: index * 4 * MIB,
  }));
  return { start: HPA, size: ways * MIB, ways, granularity, targets, xorMaps };
}

const whole = (map: RegionMap): DaxSpan[] => [{ offset: 0, length: map.size, hpa: map.start, map }];

describe('an interleaved region', () => {
  const maps = INTERLEAVE_WAYS.flatMap((ways) =>
    INTERLEAVE_GRANULARITIES.filter((_, index) => index % 3 === 0).map((granularity) =>
      regionMap(ways, granularity),
    ),
  );
  const xor = regionMap(4, 256, [0x4100n, 0x8200n]);

  it.each(
    [...maps, xor].map((map) => [map.ways, map.granularity, map.xorMaps.length, map] as const),
  )(
    '%i ways of %i, %i XOR maps: region, re-made region and media agree',
    (ways, _granularity, _xors, map) => {
      const store = new MediaStore(join(folder, 'media'));
      const views = new MediaViews(store, join(folder, 'views'));
      const path = views.checkOut('dax0.0', whole(map));
      const marks = Array.from({ length: 40 }, (_, index) => (index * 0x6a3d1) % (map.size - 8));
      for (const at of marks) put(path, at, String.fromCharCode(1 + (at % 251)));
      const shown = readFileSync(path);
      views.checkIn('dax0.0');
      for (const at of marks) {
        const place = hpaToDpa(map, HPA + at);
        const byte = Buffer.alloc(1);
        if (place !== undefined) store.device(place.device).read(place.dpa, byte);
        expect(byte[0]).toBe(1 + (at % 251));
      }
      const direct = Buffer.alloc(map.size);
      store.read(whole(map), 0, direct);
      expect(direct.equals(shown)).toBe(true);
      expect(readFileSync(views.checkOut('dax0.0', whole(map))).equals(shown)).toBe(true);
      // While the view is out, the media are empty: nothing old can come back.
      expect(
        map.targets.slice(0, ways).map(({ device }) => store.device(device).occupied(0, 64 * MIB)),
      ).toEqual(new Array(ways).fill(0));
      store.close();
    },
  );

  it('zeros that were written over data stay zeros', () => {
    const store = new MediaStore(join(folder, 'media'));
    const views = new MediaViews(store, join(folder, 'views'));
    const map = regionMap(2, 256);
    put(views.checkOut('dax0.0', whole(map)), 300, 'x'.repeat(1000));
    views.checkIn('dax0.0');
    put(views.checkOut('dax0.0', whole(map)), 300, '\0'.repeat(1000));
    views.checkIn('dax0.0');
    const bytes = Buffer.alloc(4096);
    store.read(whole(map), 0, bytes);
    expect(bytes.equals(Buffer.alloc(4096))).toBe(true);
  });

  it('a device of half the region leaves the other half alone', () => {
    const store = new MediaStore(join(folder, 'media'));
    const views = new MediaViews(store, join(folder, 'views'));
    const map = regionMap(2, 256);
    store.write(whole(map), MIB - 2, Buffer.from('left|right'));
    const half = [{ offset: 0, length: MIB, hpa: HPA + MIB, map }];
    const path = views.checkOut('dax0.1', half);
    expect(textAt(path, 0, 8)).toBe('ft|right');
    put(path, 0, 'FT');
    views.checkIn('dax0.1');
    const bytes = Buffer.alloc(10);
    store.read(whole(map), MIB - 2, bytes);
    expect(bytes.toString()).toBe('leFT|right');
  });

  it('a view that a box left behind is brought back by the next', () => {
    const map = regionMap(3, 4096);
    const before = new MediaStore(join(folder, 'media'));
    put(
      new MediaViews(before, join(folder, 'views')).checkOut('dax0.0', whole(map)),
      5 * 4096,
      'persists',
    );
    before.close();
    const after = new MediaStore(join(folder, 'media'));
    new MediaViews(after, join(folder, 'views'));
    const bytes = Buffer.alloc(8);
    after.device('mem2').read(8 * MIB + 4096, bytes);
    expect(bytes.toString()).toBe('persists');
  });

  it('several ranges follow one another in the device', () => {
    const store = new MediaStore(join(folder, 'media'));
    const map = regionMap(1, 256);
    const spans = [
      { offset: 0, length: 8192, hpa: HPA + 65536, map },
      { offset: 8192, length: 4096, hpa: HPA, map },
    ];
    store.write(spans, 8190, Buffer.from('abcd'));
    const low = Buffer.alloc(2);
    store.device('mem0').read(0, low);
    const high = Buffer.alloc(2);
    store.device('mem0').read(65536 + 8190, high);
    expect([high.toString(), low.toString()]).toEqual(['ab', 'cd']);
  });

  it('random writes through the view equal random writes through the media', () => {
    const ways = fc.constantFrom(...INTERLEAVE_WAYS);
    const granularity = fc.constantFrom(...INTERLEAVE_GRANULARITIES);
    const writes = fc.array(
      fc.tuple(
        fc.nat(MIB - 3000),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 255 }),
      ),
      {
        maxLength: 6,
      },
    );
    let run = 0;
    fc.assert(
      fc.property(ways, granularity, writes, (w, g, list) => {
        run += 1;
        const map = regionMap(w, g);
        const store = new MediaStore(join(folder, `run${run}`));
        const views = new MediaViews(store, join(folder, `views${run}`));
        const model = Buffer.alloc(map.size);
        for (const [index, [at, length, byte]] of list.entries()) {
          if (index % 2 === 0) store.write(whole(map), at, Buffer.alloc(length, byte));
          else {
            put(views.checkOut('dax0.0', whole(map)), at, String.fromCharCode(byte).repeat(length));
            views.checkIn('dax0.0');
          }
          model.fill(byte, at, at + length);
        }
        const bytes = Buffer.alloc(map.size);
        store.read(whole(map), 0, bytes);
        expect(bytes.equals(model)).toBe(true);
        store.close();
        rmSync(join(folder, `run${run}`), { recursive: true, force: true });
      }),
      { numRuns: 30 },
    );
  });
});

describe('a device that erases itself', () => {
  const STORED = Buffer.from('stored');

  it.each([1, 2, 3])('%i ways: its part is gone, the other devices keep theirs', (ways) => {
    const spans = whole(regionMap(ways, 4096));
    const hardware: DaxHardware = { ...IDLE, spans: () => spans };
    const path = (contents: DirectDaxFiles): string =>
      contents.attach({ name: 'dax0.0', major: 250, minor: 0, mode: 0o600 })?.path ?? '';
    const contents = new DirectDaxFiles(hardware, folder);
    const before = path(contents);
    for (let way = 0; way < ways; way += 1) put(before, way * 4096, String(STORED));
    contents.detach('dax0.0');
    const [{ map } = { map: regionMap(1, 256) }] = spans;
    const [first] = map.targets;
    contents.erase(first?.device ?? '', 4 * MIB);
    const after = path(contents);
    const found = Array.from({ length: ways }, (_, way) => textAt(after, way * 4096, 6));
    expect(found).toEqual(['\0'.repeat(6), ...Array.from({ length: ways - 1 }, () => 'stored')]);
    expect(statSync(after).size).toBe(map.size);
  });
});

describe('memory that is taken by force', () => {
  const spansOf = new Map<string, readonly DaxSpan[]>();
  const lost = new Set<string>();
  const hardware: DaxHardware = {
    ...IDLE,
    spans: (name) => spansOf.get(name) ?? [],
    isLost: (name) => lost.has(name),
  };
  const pathOf = (contents: DirectDaxFiles, name: string): string | undefined =>
    contents.attach({ name, major: 250, minor: 0, mode: 0o600 })?.path;
  /** What programs have of the device that loses it, and of the one that gets its ranges next. */
  function takeFromOne(): {
    readonly open: number;
    readonly next: string;
    readonly changed: string[];
  } {
    const contents = new DirectDaxFiles(hardware, folder);
    const changed: string[] = [];
    contents.onChange((name) => changed.push(name));
    const path = pathOf(contents, 'dax0.0') ?? '';
    put(path, 5, 'of the old one');
    const open = openSync(path, 'r+');
    lost.add('dax0.0');
    contents.lose('dax0.0');
    // As /dev does.
    contents.detach('dax0.0');
    expect(pathOf(contents, 'dax0.0')).toBeUndefined();
    contents.detach('dax0.0');
    return { open, next: pathOf(contents, 'dax0.1') ?? '', changed };
  }
  beforeEach(() => {
    spansOf.clear();
    lost.clear();
  });

  it.each<[string, () => readonly DaxSpan[]]>([
    ['one piece', () => whole(regionMap(1, 256))],
    ['interleaved', () => whole(regionMap(2, 256))],
    [
      'of two ranges',
      () => [
        { offset: 0, length: 8192, hpa: HPA + 65536, map: regionMap(1, 256) },
        { offset: 8192, length: 4096, hpa: HPA, map: regionMap(1, 256) },
      ],
    ],
  ])('is gone with what it held, and comes as another file: %s', (_, spans) => {
    spansOf.set('dax0.0', spans());
    spansOf.set('dax0.1', spans());
    const { open, next, changed } = takeFromOne();
    put(next, 5, 'of the new one');
    expect(readFileSync(next).subarray(0, 5).equals(Buffer.alloc(5))).toBe(true);
    expect(fstatSync(open)).toMatchObject({ size: 0, nlink: 0 });
    expect(changed).toEqual(['dax0.0']);
    closeSync(open);
  });

  it('is gone also where a program had emptied the file', () => {
    const pieces = new MediaPieces(join(folder, 'mem'));
    const path = pieces.claim(0, MIB);
    pieces.close();
    truncateSync(path, 0);
    const open = openSync(path, 'r');
    const again = new MediaPieces(join(folder, 'mem'));
    again.discard(0, MIB);
    expect(statSync(again.claim(0, MIB)).size).toBe(MIB);
    expect(fstatSync(open)).toMatchObject({ size: 0, nlink: 0 });
    closeSync(open);
  });
});
