import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { boxEnvironment, insidePath } from './environment.ts';

test('a PATH that lacks them gets the folders of cxlbox and of Node, at its end', () => {
  expect(insidePath('/nowhere')).toMatch(/^\/nowhere:\/.*\/bin\/inside:/);
  expect(insidePath('')).toMatch(/^\/.*\/bin\/inside:/);
});

test('a PATH that has them stays as it is', () => {
  const [, inside = ''] = insidePath('/nowhere').split(':');
  const path = `${inside}:${dirname(process.execPath)}`;
  expect(insidePath(path)).toBe(path);
});

test.each([
  ['switch2', 'switch2'],
  ['/a/b.yaml', '/a/b.yaml'],
  ['c.yaml', `${process.cwd()}/c.yaml`],
])('the machine %s is told as %s', (machine, told) => {
  expect(boxEnvironment(machine).CXLBOX_MACHINE).toBe(told);
});
