// docs/debugfs.md, and the tables of other pages, against the declarations of the files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debugfsPage } from '../../src/abi/debugfs-page.ts';
import { BOX_FILES } from '../../src/cxlbox-abi/index.ts';
import { ROOT } from '../cxlbox.ts';

const page = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');
const FILES = Object.values(BOX_FILES).map(({ path, mode }) => ({ path, mode }));

it('docs/debugfs.md has every file (npm run docs:abi writes it)', () => {
  expect(page('debugfs.md')).toBe(debugfsPage());
});

/** The first table below a directory of `cxlbox`: its rows have paths and a mode. */
function tabled(text: string): { path: string; mode: number }[] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => /^\| .*below `.*\/cxlbox\//.test(line));
  const [, folder = ''] = /\/cxlbox\/([^`]*)/.exec(lines[head] ?? '') ?? [];
  const end = lines.findIndex((line, index) => index > head && line === '');
  return lines.slice(head + 2, end).flatMap((line) => {
    const [, paths = '', mode] = line.split('|');
    return [...paths.matchAll(/`([^`]+)`/g)].map(([, name]) => ({
      path: `${folder}${name}`,
      mode: Number.parseInt(mode ?? '', 8),
    }));
  });
}

describe('the pages that describe the files have them all, with their modes', () => {
  it.each([
    ['faults.md', 'fault/'],
    ['dynamic-capacity.md', 'capacity/'],
    ['memory-model.md', 'workload/'],
  ])('%s', (name, folder) => {
    const byPath = (a: { path: string }, b: { path: string }) => a.path.localeCompare(b.path);
    expect(tabled(page(name)).sort(byPath)).toEqual(
      FILES.filter(({ path }) => path.startsWith(folder)).sort(byPath),
    );
  });

  it.each(Object.values(BOX_FILES).map(({ path, page }) => [path, page]))(
    '%s is named in %s',
    (path, name) => {
      expect(page(name)).toContain(path.split('/').at(-1) ?? '');
    },
  );
});
