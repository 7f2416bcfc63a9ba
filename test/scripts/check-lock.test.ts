import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/check-lock.mjs');
const INTEGRITY = `sha512-${'A'.repeat(86)}==`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(version: string, locked: object): { status: number | null; output: string } {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { yaml: version } }));
  const packages = { '': {}, 'node_modules/yaml': locked };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, folder]);
  return { status, output: `${stdout}${stderr}` };
}

it.each<[what: string, version: string, locked: object, problem: RegExp]>([
  ['no sha512', '2.9.1', { version: '2.9.1' }, /yaml has no sha512/],
  ['a sha1', '2.9.1', { version: '2.9.1', integrity: 'sha1-AAAA' }, /yaml has no sha512/],
  [
    'an optional package without one',
    '2.9.1',
    { version: '2.9.1', optional: true, os: ['win32'] },
    /yaml has no sha512/,
  ],
  ['a range', '^2.9.1', { version: '2.9.1', integrity: INTEGRITY }, /yaml has '\^2.9.1': name one/],
  ['another version', '2.9.1', { version: '2.9.0', integrity: INTEGRITY }, /not the 2.9.1/],
  [
    'a registry',
    '2.9.1',
    { version: '2.9.1', integrity: INTEGRITY, resolved: 'https://example.invalid/yaml.tgz' },
    /names a registry/,
  ],
])('refuses %s', (_, version, locked, problem) => {
  const { status, output } = check(version, locked);
  expect(output).toMatch(problem);
  expect(status).toBe(1);
});

it('takes a package with an exact version and a sha512', () => {
  expect(check('2.9.1', { version: '2.9.1', integrity: INTEGRITY })).toEqual({
    status: 0,
    output: 'package-lock.json: 1 packages, each with its sha512\n',
  });
});

it('takes the lock file of this project', () => {
  expect(spawnSync(process.execPath, [SCRIPT]).status).toBe(0);
});
