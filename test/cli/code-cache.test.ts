// Compiled code that is kept from one start to the next is never that of another text.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cxlbox, ROOT } from '../cxlbox.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-kept-'));
  const run = join(ROOT, 'dist', 'run');
  mkdirSync(join(folder, 'run'));
  for (const name of readdirSync(run).filter((each) => /^(start|program|package)\b/.test(each)))
    copyFileSync(join(run, name), join(folder, 'run', name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (): string => join(folder, 'run', 'greeting.js');
const cache = (): string => join(folder, 'cache');

function write(word: string): void {
  const text = `exports.run = (keep) => { console.log('${word}'); keep(); };\n`;
  writeFileSync(program(), text);
}

function started(env: Readonly<Record<string, string>> = {}): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'run', 'program.js'), 'greeting'],
    { encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: cache(), ...env } },
  );
  return stdout + stderr;
}

test('a program that was changed is the new one, even at the same length and time', () => {
  write('one');
  const { atime, mtime } = statSync(program());
  expect([started(), started()]).toEqual(['one\n', 'one\n']);
  const kept = (): string[] => readdirSync(join(cache(), 'cxlbox'));
  expect(kept()).toHaveLength(1);
  write('two');
  utimesSync(program(), atime, mtime);
  expect([started(), started()]).toEqual(['two\n', 'two\n']);
  expect(kept()).toHaveLength(1);
});

test('code that another version of V8, or one with other flags, has made is not run', () => {
  write('one');
  const entry = (): string =>
    join(cache(), 'cxlbox', readdirSync(join(cache(), 'cxlbox'))[0] ?? '');
  expect(started()).toBe('one\n');
  const path = entry();
  const bytes = statSync(path).size;
  writeFileSync(path, Buffer.alloc(bytes - statSync(program()).size - 8, 0xff), { flag: 'r+' });
  expect(started()).toBe('one\n');
});

test('what is kept is used', () => {
  write('one');
  started();
  const entry = readdirSync(join(cache(), 'cxlbox'))[0] ?? '';
  const before = statSync(join(cache(), 'cxlbox', entry), { bigint: true });
  started();
  expect(statSync(join(cache(), 'cxlbox', entry), { bigint: true }).ino).toBe(before.ino);
});

test.each(['/dev/null', '/proc', '/proc/self/nonexistent'])(
  'a program starts without %s',
  (home) => {
    write('one');
    expect([started({ XDG_CACHE_HOME: home }), started({ XDG_CACHE_HOME: home })]).toEqual([
      'one\n',
      'one\n',
    ]);
    expect(cxlbox(['--version'], { env: { XDG_CACHE_HOME: home } }).status).toBe(0);
  },
);

test('a folder that others may write to is neither read nor written', () => {
  write('one');
  mkdirSync(join(cache(), 'cxlbox'), { recursive: true });
  chmodSync(join(cache(), 'cxlbox'), 0o777);
  expect(started()).toBe('one\n');
  expect(readdirSync(join(cache(), 'cxlbox'))).toEqual([]);
});
