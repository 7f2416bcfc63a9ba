import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isStdin } from './read-bytes.ts';
import { readStart, readText, UnreadableFileError } from './read-text.ts';

const TEXT = 'ein Stück Text, '.repeat(10_000);
const LENGTH = Buffer.byteLength(TEXT);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-read-text-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a text', () => {
  it.each([
    ['plain.txt', TEXT],
    ['zipped.txt.gz', gzipSync(TEXT)],
    ['zipped', gzipSync(TEXT)],
    ['empty', ''],
  ])('%s is read whole', (name, content) => {
    const path = file(name, content);
    const text = name === 'empty' ? '' : TEXT;
    expect(readText(path)).toBe(text);
    expect(readText(path, LENGTH)).toBe(text);
  });

  it.each([
    ['plain.txt', TEXT, `it has more than ${LENGTH - 1} bytes: split it`],
    ['zipped', gzipSync(TEXT), 'unpacked, it is longer than a text can be: split it'],
  ])('%s is refused if it is a byte too long', (name, content, reason) => {
    const path = file(name, content);
    expect(() => readText(path, LENGTH - 1)).toThrow(
      new UnreadableFileError(path, reason, undefined),
    );
  });

  it('that has no end is refused, and its beginning ends', () => {
    expect(() => readText('/dev/zero', 100_000)).toThrow(
      'cannot read /dev/zero: it has more than 100000 bytes',
    );
    expect(readStart('/dev/zero', 100_000)).toBe('\0'.repeat(100_000));
  });

  it('that cannot be opened is refused with its name', () => {
    const path = join(folder, 'none');
    for (const read of [() => readText(path), () => readStart(path, 1)])
      expect(read).toThrow(`cannot read ${path}: ENOENT: no such file or directory`);
  });
});

describe('standard input', () => {
  it.each(['-', '/dev/stdin', '/dev/fd/0'])('is %s', (name) => {
    expect(isStdin(name)).toBe(true);
  });

  it('is no file', () => {
    expect(isStdin('./-')).toBe(false);
  });
});
