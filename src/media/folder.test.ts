// What may lie in a folder of kept contents in place of ours, as where others may make folders too.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedDeviceError } from '../shared-devices/index.ts';
import { MediaStore } from './store.ts';
import { MediaViews } from './views.ts';

const PAGE = 4096;
const IS_ROOT = process.getuid?.() === 0;
/** A uid that no user of this host has. */
const OTHER = 3_999_997_000 + (process.pid % 999);

let base: string;
let media: string;
/** Of the user, elsewhere. */
let mine: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'cxlbox-media-'));
  [media, mine] = [join(base, 'media'), join(base, 'mine')];
  for (const folder of [media, mine]) mkdirSync(folder);
  writeFileSync(join(mine, 'file'), 'mine');
});
afterEach(() => rmSync(base, { recursive: true }));

function store(): void {
  const devices = new MediaStore(join(media, 'devices'));
  try {
    const pieces = devices.device('mem');
    pieces.claim(0, 2 * PAGE);
    pieces.claim(PAGE, 2 * PAGE);
    pieces.discard(0, PAGE);
  } finally {
    devices.close();
  }
}

/** A view of a device without spans: an empty file and its record. */
function view(): void {
  const views = new MediaViews(new MediaStore(join(media, 'devices')), join(media, 'views'));
  views.checkOut('dax0.0', []);
  views.discard('dax0.0');
}

function refused(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof SharedDeviceError) return true;
    throw error;
  }
}

const USES = { store, view } as const;

describe('contents', () => {
  it.each(Object.entries(USES))('are kept where nothing is in their place: %s', (_, use) => {
    expect(refused(use)).toBe(false);
  });

  it('are kept in a folder that the user names by a link', () => {
    const named = join(base, 'named');
    symlinkSync(media, named);
    const devices = new MediaStore(join(named, 'devices'));
    expect(devices.device('mem').claim(0, PAGE)).toBe(join(named, 'devices/mem/0000000000000'));
    devices.close();
    expect(lstatSync(join(media, 'devices/mem/0000000000000')).size).toBe(PAGE);
  });
});

const FOLDERS: readonly (readonly [keyof typeof USES, string])[] = [
  ['store', 'devices'],
  ['store', 'devices/mem'],
  ['view', 'views'],
];
const FILES: readonly (readonly [keyof typeof USES, string])[] = [
  ['store', 'devices/mem/0000000000000'],
  ['store', 'devices/mem/0000000001000'],
  ['store', 'devices/mem/cut'],
  ['view', 'views/dax0.0'],
  ['view', 'views/dax0.0.json'],
];
const STAND_INS: Readonly<Record<string, (path: string) => void>> = {
  'a link to a folder': (path) => symlinkSync(mine, path),
  'a link to a file': (path) => symlinkSync(join(mine, 'file'), path),
  'a link to nothing': (path) => symlinkSync(join(mine, 'new'), path),
  'a second name': (path) => linkSync(join(mine, 'file'), path),
  'a pipe': (path) => expect(spawnSync('mkfifo', [path]).status).toBe(0),
};

describe('in place of', () => {
  const cases = [...FOLDERS, ...FILES].flatMap(([use, place]) =>
    Object.entries(STAND_INS).map(([kind, make]) => ({ use, place, kind, make })),
  );
  it.each(cases)('$place: $kind', ({ use, place, make }) => {
    mkdirSync(dirname(join(media, place)), { recursive: true });
    make(join(media, place));
    const before = lstatSync(join(media, place));
    expect(refused(USES[use])).toBe(true);
    expect(lstatSync(join(media, place)).ino).toBe(before.ino);
    expect(readFileSync(join(mine, 'file'), 'utf8')).toBe('mine');
    expect(lstatSync(join(mine, 'new'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each(FOLDERS)('%s: %s that all may write to', (use, place) => {
    mkdirSync(join(media, place), { recursive: true });
    chmodSync(join(media, place), 0o777);
    expect(refused(USES[use])).toBe(true);
  });

  it.skipIf(!IS_ROOT).each(FOLDERS)("%s: %s that is another user's", (use, place) => {
    mkdirSync(join(media, place), { recursive: true });
    chownSync(join(media, place), OTHER, OTHER);
    expect(refused(USES[use])).toBe(true);
  });
});
