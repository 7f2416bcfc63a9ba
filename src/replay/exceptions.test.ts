import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Exceptions } from './exceptions.ts';
import type { Step } from './trace.ts';

const RULE = {
  traces: '^x-',
  op: 'read',
  path: '/meminfo$',
  difference: 'found "9"$',
  reason: 'not determined',
};
const READ: Step = {
  op: 'read',
  path: '/sys/devices/system/node/node0/meminfo',
  data: '1',
  line: 7,
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-exceptions-'));
  writeFileSync(join(folder, 'exceptions.json'), JSON.stringify([RULE]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nearest = (trace: string): Exceptions =>
  Exceptions.of(join(folder, 'open', `${trace}.jsonl`), trace);

describe('exceptions', () => {
  it.each<[string, string, Step, string[], string | undefined]>([
    ['all as the rule says', 'x-1', READ, ['expected "1", found "9"'], 'not determined'],
    ['another recording', 'm-1', READ, ['expected "1", found "9"'], undefined],
    ['another path', 'x-1', { ...READ, path: '/proc/meminfo2' }, ['found "9"'], undefined],
    ['one difference of another kind', 'x-1', READ, ['found "9"', 'found "8"'], undefined],
    [
      'another operation',
      'x-1',
      { ...READ, op: 'write', data: '1', result: 'ok' },
      ['found "9"'],
      undefined,
    ],
  ])('%s', (_, trace, step, differences, reason) => {
    expect(nearest(trace).reasonFor(step, differences, () => undefined)).toBe(reason);
  });

  it.each([
    ['offline\n', 'not determined'],
    ['online\n', undefined],
    [undefined, undefined],
  ])('with a content hold only where the file of the model has it: %j', (content, reason) => {
    writeFileSync(
      join(folder, 'exceptions.json'),
      JSON.stringify([{ ...RULE, content: '^offline\\n$' }]),
    );
    expect(nearest('x-1').reasonFor(READ, ['found "9"'], () => content)).toBe(reason);
  });

  it('that are no rules are refused with file, rule and key', () => {
    writeFileSync(join(folder, 'exceptions.json'), JSON.stringify([RULE, { ...RULE, reason: 3 }]));
    expect(() => nearest('x-1')).toThrow(/exceptions\.json: rule 2: 'reason' must be a string/);
  });
});
