import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { entryName, readEntry, writeEntry } from './entry.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-code-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const TEXT = Buffer.from('one + one');
const CODE = Buffer.from([1, 2, 3]);

it('gives back what was kept for a text', () => {
  writeEntry(folder, 'a.code', TEXT, CODE);
  expect(readEntry(folder, 'a.code', TEXT)).toEqual(CODE);
  expect(readdirSync(folder)).toEqual(['a.code']);
});

it.each([
  ['of the same length', 'one - one'],
  ['that is shorter', 'one + on'],
  ['that is longer', 'one + one\u0001'],
  ['that is empty', ''],
])('gives nothing for a text %s', (_, text) => {
  writeEntry(folder, 'a.code', TEXT, CODE);
  expect(readEntry(folder, 'a.code', Buffer.from(text))).toBeUndefined();
});

it('gives nothing of a file that is cut, of zeros, empty or not there', () => {
  expect(readEntry(folder, 'a.code', TEXT)).toBeUndefined();
  writeEntry(folder, 'a.code', TEXT, CODE);
  const path = join(folder, 'a.code');
  const { length } = readFileSync(path);
  writeFileSync(path, Buffer.alloc(length));
  expect(readEntry(folder, 'a.code', TEXT)).toBeUndefined();
  writeEntry(folder, 'a.code', TEXT, CODE);
  for (const cut of [TEXT.length, 8, 3, 0]) {
    truncateSync(path, cut);
    expect(readEntry(folder, 'a.code', TEXT)).toBeUndefined();
  }
});

it('does nothing where it cannot be written', () => {
  expect(() => writeEntry(join(folder, 'missing'), 'a.code', TEXT, CODE)).not.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

it('has a name for each file', () => {
  expect(entryName('/a/main.js')).not.toBe(entryName('/b/main.js'));
  expect(entryName('/a/main.js')).toBe(entryName('/a/main.js'));
});
