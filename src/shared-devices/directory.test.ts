// What may lie in the folder of a device in place of what cxlbox puts there: all of it is left as
// it is, and no call waits.
import { spawnSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IN_FULL } from '../../test/needs.ts';
import { MediaPieces } from '../media/pieces.ts';
import { type Attachment, attachHost } from './attachment.ts';
import { SharedDeviceError } from './errors.ts';
import { withFabricLock } from './fabric-lock.ts';
import { withSocketPath } from './host-socket.ts';
import { MemberDevice } from './member.ts';
import { surveyDevices } from './survey.ts';

const POOL = {
  name: 'pool',
  pci: '0000:0d:00.0',
  partitions: { ram: 2 ** 30, pmem: 0, dynamic_ram_a: 0 },
};
const IS_ROOT = process.getuid?.() === 0;
const PIECE = '0000000000000';

/** `mine`: a folder of the user with one file, beside that of the shared devices. */
let base: string;
let root: string;
let mine: string;
let sockets: Server[];
beforeEach(() => {
  base = mkdtempSync('/dev/shm/cxlbox-directory-');
  [root, mine] = [join(base, 'root'), join(base, 'mine')];
  for (const folder of [root, mine]) mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(mine, 'host0'), 'mine');
  sockets = [];
});
afterEach(() => {
  for (const socket of sockets) socket.close();
  rmSync(base, { recursive: true });
});

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (error instanceof SharedDeviceError) return error.code;
    throw error;
  }
}

function run(program: string, ...args: readonly string[]): void {
  expect(spawnSync(program, args, { encoding: 'utf8' }).stderr).toBe('');
}

const STAND_INS: Readonly<Record<string, (path: string) => void>> = {
  'a link to a file': (path) => symlinkSync(join(mine, 'host0'), path),
  'a link to a folder': (path) => symlinkSync(mine, path),
  'a link to nothing': (path) => symlinkSync(join(mine, 'new'), path),
  'a second name': (path) => linkSync(join(mine, 'host0'), path),
  'a pipe': (path) => run('mkfifo', path),
  'a socket': (path) => void sockets.push(createServer().listen(path)),
  'a folder': (path) => void mkdirSync(path),
  ...(IS_ROOT ? { 'a device': (path: string) => run('mknod', path, 'c', '1', '5') } : {}),
};

/** Below the folder of a device. */
const PLACES = [
  'lock',
  'fabric',
  'device.json',
  'hosts',
  'hosts/host0',
  'sockets',
  'sockets/host0',
  'media',
  `media/${PIECE}`,
  'media/cut',
];

/** What is as cxlbox makes it itself. */
const FINE: ReadonlySet<string> = new Set([
  'hosts a folder',
  'sockets a folder',
  'media a folder',
  'sockets/host0 a socket',
]);

/** A file, a folder of the device and a file in one: everything is put in place of these. */
const PLACES_IN_FULL: ReadonlySet<string> = new Set(['lock', 'hosts', 'hosts/host0']);
/** What is put in place of the others in every run: followed, waited for, or of another kind. */
const IN_EVERY_RUN: ReadonlySet<string> = new Set(['a link to a file', 'a pipe', 'a folder']);

const cases = PLACES.flatMap((place) =>
  Object.entries(STAND_INS).map(([kind, make]) => ({ place, kind, make })),
)
  .filter(({ place, kind }) => !FINE.has(`${place} ${kind}`))
  .filter(({ place, kind }) => IN_FULL || PLACES_IN_FULL.has(place) || IN_EVERY_RUN.has(kind));

function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { ino, mode, nlink, size } = lstatSync(join(folder, name));
      return `${name} ${ino} ${mode} ${nlink} ${size}`;
    });
}

function claimPieces(): string {
  return new MemberDevice(root, 'pool', 'host0').claim(
    { dax: 'dax0.0', start: 0, end: 4096 },
    (folder) => {
      const pieces = new MediaPieces(folder);
      pieces.claim(0, 4096);
      pieces.close();
      return 'claimed';
    },
  );
}

const USES: Readonly<Record<string, (host: Attachment) => unknown>> = {
  list: () => surveyDevices(root),
  attach: () => attachHost(root, [POOL]).leave(),
  claim: claimPieces,
  'fabric lock': () => withFabricLock(root, 'pool', async () => {}),
  socket: () => withSocketPath(root, 'pool', 'host0', async () => {}),
  leave: (host) => host.leave(),
};

describe('in place of', () => {
  it.each(cases)('$place: $kind', async ({ place, make }) => {
    const host = attachHost(root, [POOL], 'host0');
    const path = join(root, 'pool', place);
    rmSync(path, { recursive: true, force: true });
    make(path);
    const [before, stat] = [snapshot(mine), lstatSync(path)];
    const outcomes = new Set<string>();
    for (const use of Object.values(USES)) outcomes.add(await codeOf(() => use(host)));
    expect([...outcomes].filter((each) => each !== 'done')).toEqual(['CXLBOX_SHARED_FOLDER']);
    expect(snapshot(mine)).toEqual(before);
    expect(readFileSync(join(mine, 'host0'), 'utf8')).toBe('mine');
    expect(lstatSync(path)).toMatchObject({ ino: stat.ino, mode: stat.mode, size: stat.size });
  });
});
