// Files that the user named and that cannot be read, or hold something else: exit status 2 and one
// line that says so.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cxlbox as runCxlbox } from '../cxlbox.ts';
import { cxlboxHere as cxlbox } from './here.ts';

const HEADER = {
  trace: 't',
  abi: 'mainline-7.2',
  topology: 'direct2',
  boot: { auto_online_blocks: 'offline', memmap_on_memory: 'N' },
};
const TREE = { op: 'tree', root: '/sys/a', nodes: { '/sys/a': { t: 'dir', mode: '0755' } } };

const lines = (...values: unknown[]): string =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n');

const ZIPPED = gzipSync(lines(HEADER, TREE, TREE));
const DAMAGED = Buffer.from(ZIPPED);
DAMAGED.fill(0x55, 12, 40);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-unreadable-'));
  writeFileSync(join(folder, 'exceptions.json'), '[]');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** One line on standard error, and status 2. `%` in `message` is the path. */
async function expectUnreadable(
  args: readonly string[],
  path: string,
  message: string,
): Promise<void> {
  const { status, stderr } = await cxlbox(args);
  expect(stderr).toBe(`cxlbox: cannot read ${message.replace('%', path)}\n`);
  expect(status).toBe(2);
}

const EARLY = '%: the gzip data ends too early: copy the file again';
const DAMAGE = '%: the gzip data is damaged, or is not gzip data: copy the file again';

const BOTH: readonly (readonly [
  what: string,
  name: string,
  content: Uint8Array,
  message: string,
])[] = [
  ['a .gz that is cut off', 'cut.jsonl.gz', ZIPPED.subarray(0, -20), EARLY],
  ['a .gz that is empty', 'empty.jsonl.gz', Buffer.of(), EARLY],
  ['a .gz that is damaged', 'damaged.jsonl.gz', DAMAGED, DAMAGE],
  ['a .gz that is plain text', 'plain.jsonl.gz', Buffer.from('{}\n'), DAMAGE],
  ['gzip data without the suffix, cut off', 'cut', ZIPPED.subarray(0, -20), EARLY],
];

describe.each(['replay', 'diff'])('%s of', (command) => {
  it.each(BOTH)('%s', async (_, name, content, message) => {
    const path = file(name, content);
    await expectUnreadable(
      command === 'diff' ? [command, path, path] : [command, path],
      path,
      message,
    );
  });
});

describe('replay of', () => {
  it.each<[what: string, content: string, message: string]>([
    ['nothing', '', '%: line 1: found text that is not JSON'],
    ['a header that is a list', '[]', '%: line 1: found a JSON value that is not an object'],
    [
      'another object',
      '{"op":"read"}',
      '%: line 1: the first line is not a header: it needs trace, abi, topology and boot',
    ],
    [
      'a header with another type',
      lines({ ...HEADER, boot: null }),
      "%: line 1: 'boot' must be an object",
    ],
    [
      'a header with an unknown ABI',
      lines({ ...HEADER, abi: 7 }),
      "%: line 1: 'abi' must be one of mainline-7.2, explicit-region-drivers-v1",
    ],
    [
      'a header with a name that devices do not have',
      lines({ ...HEADER, names: { disk0: { pci: 'x' } } }),
      "%: line 1: 'names.disk0' must be mem and a number",
    ],
    [
      'a line that is not JSON',
      lines(HEADER, TREE, '{"op"'),
      '%: line 3: found text that is not JSON',
    ],
    [
      'a line that is null',
      lines(HEADER, 'null'),
      '%: line 2: found a JSON value that is not an object',
    ],
    [
      'an unknown step',
      lines(HEADER, { op: 'constructor' }),
      '%: line 2: found a step without a known op',
    ],
    [
      'a step without its path',
      lines(HEADER, { op: 'write', data: '1' }),
      "%: line 2: 'path' must be a string",
    ],
    [
      'a step with another type',
      lines(HEADER, '', { op: 'read', path: '/sys', data: 1 }),
      "%: line 3: 'data' must be a string",
    ],
    [
      'a tree with a node that is null',
      lines(HEADER, { ...TREE, nodes: { '/sys/a': null } }),
      "%: line 2: 'nodes./sys/a' must be an object",
    ],
    [
      'a state with blocks of another type',
      lines(HEADER, { op: 'state', zones: [{ node: 'x' }] }),
      "%: line 2: 'zones.0.node' must be a number",
    ],
    [
      'a partial tree with half a pattern',
      lines(HEADER, { ...TREE, partial: '(' }),
      "%: line 2: 'partial' must be a regular expression",
    ],
  ])('%s', async (_, content, message) => {
    const path = file('recording.jsonl', content);
    await expectUnreadable(['replay', path], path, message);
  });

  it('a recording of a machine that is not known', async () => {
    const path = file('machine.jsonl', lines({ ...HEADER, topology: 'direct3' }));
    const { status, stderr } = await cxlbox(['replay', path]);
    expect(stderr).toContain(`cannot read ${path}: line 1: 'topology': No machine 'direct3'`);
    expect(status).toBe(2);
  });

  it.each<[what: string, content: string, message: string]>([
    ['not JSON', '[', '%: found text that is not JSON'],
    ['not a list', '{}', '%: it must be a list of rules'],
    ['a rule without a field', '[{}]', "%: rule 1: 'traces' must be a string"],
    ['half a pattern', '[{"traces":"("}]', "%: rule 1: 'traces' must be a regular expression"],
  ])('a recording beside exceptions.json that is %s', async (_, content, message) => {
    mkdirSync(join(folder, 'beside'), { recursive: true });
    const list = file('beside/exceptions.json', content);
    await expectUnreadable(['replay', file('beside/r.jsonl', lines(HEADER))], list, message);
  });
});

describe('diff of', () => {
  it.each<[what: string, content: string, message: string]>([
    [
      'a tree without nodes',
      lines(HEADER, { op: 'tree', root: '/sys' }),
      "%: line 2: 'nodes' must be an object",
    ],
    [
      'a node with another type',
      lines(HEADER, { ...TREE, nodes: { '/sys/a': { t: 'file', data: 7 } } }),
      "%: line 2: 'nodes./sys/a.data' must be a string",
    ],
    [
      'roots of another type',
      lines({ raw: 1, roots: [1] }, TREE),
      "%: line 1: 'roots.0' must be a string",
    ],
  ])('%s', async (_, content, message) => {
    const path = file('record.jsonl', content);
    await expectUnreadable(['diff', path, path], path, message);
  });
});

it.each<[args: string[], path: string]>([
  [['replay', '/proc/self/mem'], '/proc/self/mem'],
  [['diff', '/proc/self/mem', '/sys'], '/proc/self/mem'],
])('%j: a file that the host refuses to read', async (args, path) => {
  await expectUnreadable(args, path, '%: EIO: i/o error');
});

it('a machine file that the host refuses to read', () => {
  const { status, stderr } = runCxlbox(['run', '-m', '/proc/self/mem', '--', 'true']);
  expect(stderr).toBe('cxlbox: cannot read /proc/self/mem: EIO: i/o error\n');
  expect(status).toBe(2);
});
