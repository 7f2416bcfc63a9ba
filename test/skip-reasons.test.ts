import { expect, it } from 'vitest';
import { lacksProgram, needs } from './needs.ts';
import { reasonLines } from './skip-reasons.ts';

it('counts each reason once, the most frequent first', () => {
  expect(reasonLines(['not root', 'no cc', undefined, 'no cc'])).toEqual([
    '2 skipped: no cc',
    '1 skipped: not root',
    '1 skipped: no reason is given',
  ]);
  expect(reasonLines([])).toEqual([]);
});

it('a test that lacks nothing runs; one that lacks something says what', () => {
  expect(needs(undefined, lacksProgram('sh'))).toEqual({});
  expect(needs('not root', lacksProgram('sh', 'no-such-tool'))).toEqual({
    skip: true,
    meta: { lacks: 'not root; not installed: no-such-tool' },
  });
});
