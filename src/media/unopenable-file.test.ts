import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeUnopenable } from './unopenable-file.ts';

test('open gives ENXIO for reading and for writing, also after it was created again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-'));
  const path = join(folder, 'dax0.0');
  for (let times = 0; times < 2; times += 1) {
    makeUnopenable(path);
    expect(() => readFileSync(path)).toThrow('ENXIO');
    expect(() => openSync(path, 'r+')).toThrow('ENXIO');
    expect(existsSync(`${path}.new`)).toBe(false);
  }
  rmSync(folder, { recursive: true });
});
