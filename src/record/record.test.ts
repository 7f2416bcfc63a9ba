// Raw records and their comparison, on a folder made to look like a /sys.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareTrees, differs } from './compare.ts';
import { HostTree } from './host-tree.ts';
import { rawRecord } from './raw-record.ts';
import { differenceJson, reportDifference } from './report.ts';
import { covers, WATCHED_ROOTS } from './roots.ts';
import { NoTreeError, parseDump, readDump } from './tree-dump.ts';

let base = '';

function file(path: string, text: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
  chmodSync(join(base, path), 0o644);
}

function link(path: string, to: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  symlinkSync(to, join(base, path));
}

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'cxlbox-record-'));
  file('devices/system/memory/block_size_bytes', '8000000\n');
  file('devices/system/memory/memory48/state', 'online\n');
  file('devices/system/memory/memory48/power/control', 'auto\n');
  file('devices/pci0000:0c/0000:0d:00.0/mem0/serial', '0x1000\n');
  file('devices/platform/ACPI0017:00/root0/uevent', 'DEVTYPE=cxl_port\n');
  link('bus/cxl/devices/mem0', '../../../devices/pci0000:0c/0000:0d:00.0/mem0');
  link('bus/cxl/devices/root0', '../../../devices/platform/ACPI0017:00/root0');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function record(roots: readonly string[] = WATCHED_ROOTS): string {
  return [...rawRecord({ raw: 1, kernel: 'Linux 7.2', roots, uid: 0 }, base)].join('\n');
}

describe('a raw record', () => {
  it('has a header, then a tree a root, memory devices found by the links of the bus', () => {
    const [header, ...trees] = record()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(header).toMatchObject({ raw: 1, kernel: 'Linux 7.2', roots: WATCHED_ROOTS });
    expect(trees.map((tree) => (tree as { root: string }).root)).toEqual([
      '/sys/bus/cxl',
      '/sys/devices/platform/ACPI0017:00/root0',
      '/sys/devices/pci0000:0c/0000:0d:00.0/mem0',
      '/sys/devices/system/memory',
    ]);
  });

  it('describes nodes as recordings do, without what those leave out', () => {
    const { nodes } = parseDump(record(), 'raw');
    expect(nodes.get('/sys/devices/system/memory/memory48/state')).toEqual({
      t: 'file',
      mode: '0644',
      data: 'online\n',
    });
    expect(nodes.get('/sys/bus/cxl/devices/mem0')).toEqual({
      t: 'link',
      to: '../../../devices/pci0000:0c/0000:0d:00.0/mem0',
    });
    expect([...nodes.keys()].filter((path) => path.includes('/power'))).toEqual([]);
  });

  it('keeps bytes as they are', () => {
    writeFileSync(join(base, 'devices/system/memory/odd'), Buffer.from([0xff, 0x00, 0xc3, 0xa4]));
    const { nodes } = parseDump(record(), 'raw');
    expect(nodes.get('/sys/devices/system/memory/odd')?.data).toBe('\xff\0\xc3\xa4');
  });

  it('gives the errno of a file that fails when read', () => {
    mkdirSync(join(base, 'devices/system/node'), { recursive: true });
    link('devices/system/node/loop', 'loop');
    const tree = new HostTree(base);
    const nodes = new Map();
    tree.dump(nodes, '/sys/devices/system/node');
    expect(nodes.get('/sys/devices/system/node/loop')).toEqual({ t: 'link', to: 'loop' });
  });

  it('takes patterns', () => {
    const { nodes } = parseDump(record(['/sys/devices/system/memory/memory*']), 'raw');
    expect([...nodes.keys()]).toEqual([
      '/sys/devices/system/memory/memory48',
      '/sys/devices/system/memory/memory48/state',
    ]);
  });
});

describe('covers', () => {
  it.each([
    ['/sys/bus/cxl', '/sys/bus/cxl/devices/mem0', true],
    ['/sys/bus/cxl', '/sys/bus/cxlx', false],
    ['/sys/devices/**/mem*', '/sys/devices/pci0000:0c/0000:0d:00.0/mem0/serial', true],
    ['/sys/devices/platform/ACPI0017:*/root*', '/sys/devices/platform/ACPI0017:00/root0', true],
    ['/sys/devices/platform/ACPI0017:*/root*', '/sys/devices/platform/ACPI0017:00', false],
  ])('%s, %s: %s', (pattern, path, expected) => expect(covers([pattern], path)).toBe(expected));
});

describe('two trees', () => {
  it('agree with themselves, as record and as folder', () => {
    const difference = compareTrees(parseDump(record(), 'raw'), readDump(base));
    expect(difference).toMatchObject({ uncovered: { before: 0, after: 0 }, changed: [] });
    expect(difference.compared).toBeGreaterThan(8);
    expect(differs(difference)).toBe(false);
  });

  it('differ in what was added, removed and changed', () => {
    const before = parseDump(record(), 'before');
    file('devices/system/memory/memory48/state', 'offline\n');
    file('devices/system/memory/memory49/state', 'offline\n');
    rmSync(join(base, 'bus/cxl/devices/mem0'));
    const after = parseDump(record(), 'after');
    expect(reportDifference(compareTrees(before, after), before, after)).toEqual([
      '- /sys/bus/cxl/devices/mem0: link to ../../../devices/pci0000:0c/0000:0d:00.0/mem0',
      '- /sys/devices/pci0000:0c/0000:0d:00.0/mem0: dir 0755, and 1 below it',
      '+ /sys/devices/system/memory/memory49: dir 0755, and 1 below it',
      '~ /sys/devices/system/memory/memory48/state: file 0644 "online\\n" -> file 0644 "offline\\n"',
      expect.stringMatching(/^\d+ nodes compared: 3 only in before, 2 only in after, 1 different$/),
    ]);
    const json: unknown = JSON.parse(differenceJson(compareTrees(before, after), before, after));
    expect(json).toMatchObject({
      before: 'before',
      added: { '/sys/devices/system/memory/memory49/state': { data: 'offline\n' } },
      changed: [
        { path: '/sys/devices/system/memory/memory48/state', after: { data: 'offline\n' } },
      ],
    });
  });

  it('are compared only where both look', () => {
    const whole = parseDump(record(), 'whole');
    const part = parseDump(record(['/sys/devices/system/memory']), 'part');
    const difference = compareTrees(whole, part);
    expect(differs(difference)).toBe(false);
    expect(difference.uncovered.before).toBeGreaterThan(3);
    expect(reportDifference(difference, whole, part)[0]).toMatch(
      /^not compared: \d+ nodes of whole that part does not cover$/,
    );
  });

  it('are compared only within the roots asked for', () => {
    const before = parseDump(record(), 'before');
    file('devices/system/memory/memory48/state', 'offline\n');
    const difference = compareTrees(before, parseDump(record(), 'after'), ['/sys/bus/cxl']);
    expect(differs(difference)).toBe(false);
  });

  it('agree where a recording says that anything may stand there', () => {
    const one = record().replace('8000000', '<volatile>');
    expect(differs(compareTrees(parseDump(one, 'one'), parseDump(record(), 'other')))).toBe(false);
    expect(differs(compareTrees(parseDump(record(), 'other'), parseDump(one, 'one')))).toBe(false);
  });
});

describe('a recording', () => {
  const tree = (root: string, data: string): string =>
    JSON.stringify({ op: 'tree', root, nodes: { [root]: { t: 'file', mode: '0444', data } } });
  const text = [
    '{"trace":"t"}',
    tree('/sys/a', 'first'),
    tree('/sys/b', 'b'),
    tree('/sys/a', 'later'),
  ].join('\n');

  it('stands for the first tree of each root', () => {
    const { nodes, roots } = parseDump(text, 'rec');
    expect(roots).toEqual(['/sys/a', '/sys/b']);
    expect(nodes.get('/sys/a')?.data).toBe('first');
  });

  it('stands for the tree on a line', () => {
    writeFileSync(join(base, 'rec.jsonl.gz'), gzipSync(text));
    const { nodes, roots } = readDump(`${join(base, 'rec.jsonl.gz')}:4`);
    expect(roots).toEqual(['/sys/a']);
    expect(nodes.get('/sys/a')?.data).toBe('later');
  });

  it.each([
    ['a line without a tree', () => parseDump(text, 'rec', 1), 'the lines that do are 2, 3, 4'],
    [
      'no tree at all',
      () => parseDump('{"trace":"t"}\n{"op":"dmesg"}', 'rec'),
      'holds no whole tree',
    ],
    ['no JSON', () => parseDump('hello', 'rec'), 'line 1 is not a JSON object'],
    ['no file', () => readDump(join(base, 'missing')), 'ENOENT'],
    [
      'a folder of something else',
      () => readDump(join(base, 'bus')),
      'nothing of CXL, DAX or memory',
    ],
  ])('%s is a NoTreeError', (_, act, message) => {
    expect(act).toThrow(NoTreeError);
    expect(act).toThrow(message);
  });
});
