import { describe, expect, it } from 'vitest';
import { fakeMachine } from '../../test/replay/fake-machine.ts';
import { parseMachine } from '../platform/description/parse.ts';
import { replayTrace } from './replay-trace.ts';
import { parseTrace, TraceFormatError } from './trace.ts';

const HOME = '/sys/bus/fake';
const HEADER = {
  trace: 'fake',
  abi: 'mainline-7.2',
  topology: 'fake',
  about: 'a fake',
  boot: { auto_online_blocks: 'offline', memmap_on_memory: 'N' },
  watch: { cxl: { roots: [HOME] }, wild: { roots: ['/sys/bus/fake/chi*'] } },
};

const CHILD = {
  [`${HOME}/child`]: { t: 'dir', mode: '0755' },
  [`${HOME}/child/dev`]: { t: 'file', mode: '0444', data: '123:7\n' },
  [`${HOME}/child/home`]: { t: 'link', to: '../../fake' },
};
const NOTHING = { add: {}, change: {}, remove: [] };
const SPAWN = { op: 'write', path: `${HOME}/spawn`, data: '1', result: 'ok' };

function replay(...steps: readonly object[]) {
  const text = [HEADER, ...steps].map((each) => JSON.stringify(each)).join('\n');
  return replayTrace(parseTrace(text, 'fake.jsonl'), parseMachine('', 'fake.yaml'), fakeMachine);
}

/** Whether the last of the steps agrees; the steps before it must. */
function agrees(...steps: readonly object[]): boolean {
  const { failures } = replay(...steps);
  expect(failures.filter(({ line }) => line < steps.length + 1)).toEqual([]);
  return failures.length === 0;
}

type Case = readonly [what: string, agrees: boolean, steps: readonly object[]];

const TOOL = { op: 'run', kind: 'cli', argv: 'a tool', status: 0 };

/** What a command showed of a path: whether the machine has the same there. */
const SHOWN: readonly (readonly [string, boolean, path: string, shown: object])[] = [
  ['a file that a command showed', true, `${HOME}/value`, { t: 'file', data: '1\n' }],
  ['another content of it', false, `${HOME}/value`, { t: 'file', data: '2\n' }],
  ['a file that a command did not find', true, `${HOME}/none`, { t: 'absent' }],
  ['one that is there after all', false, `${HOME}/value`, { t: 'absent' }],
  [
    'names in a directory',
    true,
    HOME,
    { t: 'names', names: ['value', 'hidden', 'busy', 'spawn', 'power'] },
  ],
  ['a name too few', false, HOME, { t: 'names', names: ['value', 'hidden', 'busy'] }],
  ['names behind a pattern', true, `${HOME}/*d*`, { t: 'names', names: ['hidden'] }],
  ['what a path ends in', true, `${HOME}/value`, { t: 'base', of: 'value' }],
  ['another end', false, `${HOME}/none`, { t: 'base', of: 'value' }],
];

const CASES: readonly (readonly [what: string, agrees: boolean, ...steps: object[]])[] = [
  ['a write that is taken', true, { op: 'write', path: `${HOME}/value`, data: '2', result: 'ok' }],
  [
    'a write that is refused',
    true,
    { op: 'write', path: `${HOME}/value`, data: '12', errno: 'ERANGE' },
  ],
  ['another errno', false, { op: 'write', path: `${HOME}/value`, data: '12', errno: 'EINVAL' }],
  [
    'success where a refusal was recorded',
    false,
    { op: 'write', path: `${HOME}/value`, data: '2', errno: 'EBUSY' },
  ],
  [
    'a refusal where success was recorded',
    false,
    { op: 'write', path: `${HOME}/busy`, data: '2', result: 'ok' },
  ],
  [
    'the place of a refusal',
    false,
    { op: 'write', path: `${HOME}/busy`, data: '2', errno: 'EBUSY', at: 'open' },
  ],
  [
    'a file that is not there',
    true,
    { op: 'write', path: `${HOME}/none`, data: '2', errno: 'ENOENT', at: 'open' },
  ],
  [
    'a short count',
    true,
    { op: 'write', path: `${HOME}/hidden`, data: 'x'.repeat(5000), result: 'ok', ret: 4096 },
  ],
  [
    'a wrong count',
    false,
    { op: 'write', path: `${HOME}/hidden`, data: 'x'.repeat(5000), result: 'ok' },
  ],
  ['an empty write', true, { op: 'write', path: `${HOME}/busy`, data: '', result: 'ok' }],
  ['a read', true, { op: 'read', path: `${HOME}/value`, data: '1\n' }],
  ['a read of something else', false, { op: 'read', path: `${HOME}/value`, data: '2\n' }],
  ['a read from an offset', true, { op: 'read', path: `${HOME}/value`, data: '\n', offset: 1 }],
  [
    'a read without permission',
    true,
    { op: 'read', path: `${HOME}/hidden`, errno: 'EACCES', at: 'open' },
  ],
  ['volatile figures', true, { op: 'read', path: `${HOME}/value`, data: '77\n', volatile: true }],
  [
    'a descriptor from before the file went',
    true,
    SPAWN,
    { op: 'write', path: `${HOME}/spawn`, data: '0', result: 'ok' },
    { op: 'read', path: `${HOME}/child/dev`, errno: 'ENODEV', held_fd: true },
  ],
  [
    'the same read without that descriptor',
    false,
    SPAWN,
    { op: 'write', path: `${HOME}/spawn`, data: '0', result: 'ok' },
    { op: 'read', path: `${HOME}/child/dev`, errno: 'ENODEV' },
  ],
  [
    'a delta after deferred work, majors loose',
    true,
    SPAWN,
    { op: 'delta', scope: 'cxl', ...NOTHING, add: CHILD },
  ],
  [
    'a delta under wildcard roots',
    true,
    SPAWN,
    { op: 'delta', scope: 'wild', ...NOTHING, add: CHILD },
  ],
  ['a change that the recording lacks', false, SPAWN, { op: 'delta', scope: 'cxl', ...NOTHING }],
  [
    'a minor that differs',
    false,
    SPAWN,
    {
      op: 'delta',
      scope: 'cxl',
      ...NOTHING,
      add: { ...CHILD, [`${HOME}/child/dev`]: { t: 'file', mode: '0444', data: '123:8\n' } },
    },
  ],
  [
    'a mode that differs',
    false,
    SPAWN,
    {
      op: 'delta',
      scope: 'cxl',
      ...NOTHING,
      add: { ...CHILD, [`${HOME}/child`]: { t: 'dir', mode: '0700' } },
    },
  ],
  [
    'a removal that did not happen',
    false,
    { op: 'delta', scope: 'cxl', ...NOTHING, remove: [`${HOME}/value`] },
  ],
  [
    'a late subtree',
    true,
    SPAWN,
    { op: 'delta', scope: 'cxl', ...NOTHING, late: [`${HOME}/child`], racy: true },
  ],
  [
    'a subtree that is late no more',
    false,
    SPAWN,
    { op: 'delta', scope: 'cxl', ...NOTHING, late: [`${HOME}/child`], racy: true },
    { op: 'delta', scope: 'cxl', ...NOTHING, add: CHILD, late: [`${HOME}/child`] },
    { op: 'write', path: `${HOME}/spawn`, data: '0', result: 'ok' },
    { op: 'delta', scope: 'cxl', ...NOTHING },
  ],
  [
    'nothing new after a resync',
    true,
    SPAWN,
    { op: 'state', resync: true },
    { op: 'delta', scope: 'cxl', ...NOTHING },
  ],
  [
    'uevents of the kept subsystems',
    true,
    SPAWN,
    {
      op: 'uevents',
      events: [
        { action: 'add', devpath: '/bus/fake/child', subsystem: 'cxl', env: { MAJOR: '9' } },
        { action: 'bind', devpath: '/bus/fake/child', subsystem: 'cxl', env: {} },
      ],
    },
  ],
  [
    'uevents of one device in another order',
    false,
    SPAWN,
    {
      op: 'uevents',
      events: [
        { action: 'bind', devpath: '/bus/fake/child', subsystem: 'cxl', env: {} },
        { action: 'add', devpath: '/bus/fake/child', subsystem: 'cxl', env: { MAJOR: '9' } },
      ],
    },
  ],
  [
    'no uevents after a resync',
    true,
    SPAWN,
    { op: 'state', resync: true },
    { op: 'uevents', events: [] },
  ],
  ['a tree', true, SPAWN, { op: 'tree', root: `${HOME}/child`, nodes: CHILD }],
  [
    'a tree with more than recorded',
    false,
    SPAWN,
    { op: 'tree', root: `${HOME}/child`, nodes: { [`${HOME}/child`]: { t: 'dir' } } },
  ],
  [
    'a selection of a tree',
    true,
    SPAWN,
    {
      op: 'tree',
      root: `${HOME}/child`,
      partial: 'grep dev',
      nodes: { [`${HOME}/child/dev`]: { t: 'file', data: '1:7\n' } },
    },
  ],
  [
    'an absence',
    true,
    { op: 'tree', root: `${HOME}/child`, nodes: { [`${HOME}/child`]: { t: 'absent' } } },
  ],
  ['an iomem without windows', true, { op: 'state', iomem_full: [] }],
  [
    'a window that is missing',
    false,
    { op: 'state', iomem_full: ['190000000-28fffffff : CXL Window 0'] },
  ],
  [
    'a tool whose writes end as recorded',
    true,
    {
      ...TOOL,
      writes: [
        { path: `${HOME}/value`, data: '2\n', result: 'ok' },
        { path: `${HOME}/busy`, data: '1', errno: 'EBUSY' },
        { path: `${HOME}/none`, data: '1', errno: 'ENOENT', at: 'open' },
      ],
    },
    { op: 'read', path: `${HOME}/value`, data: '2\n' },
  ],
  [
    'a tool with a write that ends otherwise',
    false,
    { ...TOOL, writes: [{ path: `${HOME}/busy`, data: '1', result: 'ok' }] },
  ],
  [
    'a tool whose derived writes are a guess',
    false,
    {
      ...TOOL,
      writes: [{ path: `${HOME}/value`, data: '2', result: 'ok' }],
      doubt: 'its exit status would be 1, and 0 was recorded',
    },
  ],
  ...SHOWN.map(
    ([what, expected, path, shown]) =>
      [what, expected, { ...TOOL, kind: 'shell', writes: [], shows: { [path]: shown } }] as const,
  ),
];

describe('replayTrace', () => {
  it.each(CASES.map(([what, expected, ...steps]): Case => [what, expected, steps]))(
    '%s: agrees %s',
    (_, expected, steps) => {
      expect(agrees(...steps)).toBe(expected);
    },
  );

  it('says where, what was expected and what was found', () => {
    const { failures } = replay({ op: 'read', path: `${HOME}/value`, data: '2\n' });
    expect(failures).toEqual([
      { line: 2, step: `read ${HOME}/value`, differences: ['expected "2\\n", found "1\\n"'] },
    ]);
  });

  it.each([
    [{ op: 'dmesg', lines: [] }, 'kernel log lines are never compared'],
    [
      { op: 'run', kind: 'probe', argv: 'touch-node 2 64', status: 0, writes: [] },
      'a program that maps memory: changes nothing in the tree',
    ],
    [
      { ...TOOL, writes: [] },
      'a tool that wrote nothing: its output is compared where the real tool runs',
    ],
    [TOOL, 'a command whose writes are not known'],
    [
      {
        op: 'run',
        kind: 'cli',
        argv: 'x',
        writes: [{ path: `${HOME}/value`, data: '2', result: 'ok' }],
      },
      'done again; the recording has no result',
    ],
  ])('gives a reason for the skip of %j', (step, reason) => {
    const { passed, skips } = replay(step);
    expect(passed).toBe(0);
    expect(skips.map((each) => each.reason)).toEqual([reason]);
  });
});

describe('parseTrace', () => {
  it.each([
    ['no JSON', 'x'],
    ['no header', '{"op":"read"}'],
    ['an unknown operation', `${JSON.stringify(HEADER)}\n{"op":"jump"}`],
  ])('refuses %s', (_, text) => {
    expect(() => parseTrace(text, 'f')).toThrow(TraceFormatError);
  });
});
