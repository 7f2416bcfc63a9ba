// Imports go one way. The layers below, lowest first; a file may import its own layer and those that its layer names.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '..', 'src');

const MODEL = [
  'errno',
  'kernfs',
  'cxlbox-abi',
  'driver-core',
  'mm',
  'dax',
  'cxl',
  'platform',
] as const;

/** What each layer may import besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  errno: [],
  kernfs: ['errno'],
  'cxlbox-abi': ['kernfs', 'errno'],
  'driver-core': ['cxlbox-abi', 'kernfs', 'errno'],
  mm: ['driver-core', 'cxlbox-abi', 'kernfs', 'errno'],
  dax: ['mm', 'driver-core', 'kernfs', 'errno'],
  cxl: ['dax', 'mm', 'driver-core', 'cxlbox-abi', 'kernfs', 'errno'],
  platform: ['cxl', 'dax', 'mm', 'driver-core', 'cxlbox-abi', 'kernfs', 'errno'],
  fuse: ['platform', 'driver-core', 'kernfs', 'errno'],
  'sysfs-client': ['platform', 'driver-core', 'kernfs', 'errno'],
  'machine-files': ['platform'],
  replay: ['sysfs-client', 'machine-files', ...MODEL],
  record: ['replay', ...MODEL],
  abi: ['machine-files', ...MODEL],
  'shared-devices': ['platform', 'cxl', 'kernfs', 'errno'],
  media: ['shared-devices', 'fuse', ...MODEL],
  box: ['media', 'shared-devices', 'fuse', 'sysfs-client', 'machine-files', ...MODEL],
  cli: ['box', 'shared-devices', 'replay', 'record', 'sysfs-client', 'machine-files', ...MODEL],
  index: ['sysfs-client', 'machine-files', ...MODEL],
};

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function layerOf(file: string): string {
  const [first = ''] = relative(SOURCE, file).split('/');
  return first.replace(/\.ts$/, '');
}

const files = sourceFiles(SOURCE);

describe('imports go one way', () => {
  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files.map((file) => [relative(SOURCE, file), file]))('%s', (_, file) => {
    const layer = layerOf(file);
    const allowed = [layer, ...(ALLOWED[layer] ?? [])];
    const targets = importsOf(file)
      .filter((each) => each.startsWith('.'))
      .map((each) => layerOf(join(dirname(file), each)));
    expect(targets.filter((target) => !allowed.includes(target))).toEqual([]);
  });

  const pure = files.filter((file) => MODEL.some((layer) => layer === layerOf(file)));
  it.each(pure.map((file) => [relative(SOURCE, file), file]))(
    '%s imports nothing of Node',
    (_, file) => {
      expect(importsOf(file).filter((each) => each.startsWith('node:'))).toEqual([]);
    },
  );
});
