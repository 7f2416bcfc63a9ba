import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheFolder } from './folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cxlbox-cache-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const found = (make = false) => cacheFolder(make, { XDG_CACHE_HOME: home });

it('is made for the user alone, when code is to be kept', () => {
  expect(found()).toBeUndefined();
  expect(found(true)).toBe(join(home, 'cxlbox'));
  expect(statSync(join(home, 'cxlbox')).mode & 0o777).toBe(0o700);
  expect(found()).toBe(join(home, 'cxlbox'));
});

it('is in ~/.cache, unless a variable names another one', () => {
  expect(cacheFolder(true, { HOME: home })).toBe(join(home, '.cache', 'cxlbox'));
  expect(cacheFolder(true, { HOME: home, XDG_CACHE_HOME: 'not/a/full/path' })).toBe(
    join(home, '.cache', 'cxlbox'),
  );
});

it('is not one that others may write to', () => {
  mkdirSync(join(home, 'cxlbox'));
  chmodSync(join(home, 'cxlbox'), 0o770);
  expect(found(true)).toBeUndefined();
});

it('is not a link', () => {
  mkdirSync(join(home, 'elsewhere'), { mode: 0o700 });
  symlinkSync('elsewhere', join(home, 'cxlbox'));
  expect(found(true)).toBeUndefined();
});

it.skipIf(process.getuid?.() !== 0)('is not another user’s', () => {
  mkdirSync(join(home, 'cxlbox'), { mode: 0o700 });
  chownSync(join(home, 'cxlbox'), 54321, 54321);
  expect(found(true)).toBeUndefined();
});

it('is not to be had without a home, or where it cannot be made', () => {
  expect(cacheFolder(true, {})).toBeUndefined();
  writeFileSync(join(home, 'file'), '');
  expect(cacheFolder(true, { XDG_CACHE_HOME: join(home, 'file') })).toBeUndefined();
});
