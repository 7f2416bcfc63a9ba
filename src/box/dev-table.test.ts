import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareDev } from './dev-table.ts';

let folder: string;
let host: string;
let dev: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-test-'));
  [host, dev] = [join(folder, 'host'), join(folder, 'dev')];
  mkdirSync(host);
  mkdirSync(dev);
});

afterEach(() => rmSync(folder, { recursive: true }));

test('links are copied, files and directories are made to be bound over, what the host lacks is left out', () => {
  writeFileSync(join(host, 'null'), '');
  mkdirSync(join(host, 'pts'));
  symlinkSync('pts/ptmx', join(host, 'ptmx'));
  const mounts = prepareDev(dev, { names: ['null', 'pts', 'missing'], host });
  expect(mounts.map(({ source, target }) => [source, target])).toEqual([
    [join(host, 'null'), join(dev, 'null')],
    [join(host, 'pts'), join(dev, 'pts')],
  ]);
  expect(readlinkSync(join(dev, 'ptmx'))).toBe('pts/ptmx');
  expect(lstatSync(join(dev, 'pts')).isDirectory()).toBe(true);
  expect(lstatSync(join(dev, 'missing'), { throwIfNoEntry: false })).toBeUndefined();
});

test('a ptmx that is no link is reached through the whole /dev of the host', () => {
  writeFileSync(join(host, 'ptmx'), '');
  expect(
    prepareDev(dev, { names: [], host }).map(({ source, target }) => [source, target]),
  ).toEqual([[host, join(dev, '.host')]]);
  expect(readlinkSync(join(dev, 'ptmx'))).toBe('.host/ptmx');
});
