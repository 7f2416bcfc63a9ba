import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../test/errno-of.ts';
import { fileAt } from './access.ts';
import {
  type KernfsDirectory,
  KernfsFile,
  KernfsLink,
  type KernfsNode,
  KernfsRoot,
  linkTo,
} from './node.ts';
import { PathCache } from './path-cache.ts';
import { resolve } from './resolve.ts';

/** As path_resolution(7) has it, word by word: every link is read and put before what is left. */
function walk(root: KernfsDirectory, path: string, follow: boolean): KernfsNode | string {
  const parts = (text: string): string[] =>
    text.split('/').filter((part) => !['', '.'].includes(part));
  let at: KernfsNode = root;
  let links = 0;
  for (let todo = parts(path); todo.length > 0; ) {
    const [part = '', ...rest] = todo;
    todo = rest;
    if (at.kind !== 'directory') return 'ENOTDIR';
    const next: KernfsNode | undefined = part === '..' ? (at.parent ?? at) : at.lookup(part);
    if (next === undefined) return 'ENOENT';
    if (next.kind !== 'link' || (rest.length === 0 && !follow)) {
      at = next;
      continue;
    }
    links += 1;
    if (links > 40) return 'ELOOP';
    if (next.read().startsWith('/')) at = root;
    todo = [...parts(next.read()), ...rest];
  }
  return at;
}

const NAMES = ['a', 'b', 'c', 'link'];
const paths = fc
  .array(fc.constantFrom(...NAMES, '..', '.', ''), { maxLength: 7 })
  .map((parts) => `/${parts.join('/')}`);

type Step = readonly [
  verb: 'directory' | 'file' | 'link' | 'text' | 'remove',
  at: string,
  name: string,
  to: string,
];
const steps: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('directory', 'file', 'link', 'text', 'remove'),
  paths,
  fc.constantFrom(...NAMES),
  fc.oneof(
    paths,
    paths.map((path) => path.slice(1)),
  ),
);

/** What cannot be done is left out. */
function apply(root: KernfsRoot, [verb, at, name, to]: Step): void {
  const directory = walk(root, at, true);
  if (typeof directory === 'string' || directory.kind !== 'directory') return;
  if (verb === 'remove') directory.remove(name);
  else if (directory.lookup(name) === undefined) {
    const target = walk(root, to, true);
    if (verb === 'directory') directory.addDirectory(name);
    else if (verb === 'file')
      directory.add(new KernfsFile(name, 0o444, { show: () => `${name}\n` }));
    else if (verb === 'text') directory.add(new KernfsLink(name, () => to));
    else if (typeof target !== 'string' && target.kind !== 'link')
      directory.add(linkTo(name, target));
  }
}

function found(root: KernfsDirectory, path: string, follow: boolean): KernfsNode | string {
  let node: KernfsNode | undefined;
  const errno = errnoOf(() => {
    node = resolve(root, path, follow);
  });
  return node ?? errno;
}

describe('a path', () => {
  it.each([
    ['/', ''],
    ['', ''],
    ['//a/./b//', 'b'],
    ['/a/b/..', 'a'],
    ['/../a', 'a'],
    ['/a/b/x/', 'x'],
  ])('%s is found', (path, name) => {
    const root = new KernfsRoot();
    root
      .addDirectory('a')
      .addDirectory('b')
      .add(new KernfsFile('x', 0o444, {}));
    expect(resolve(root, path).name).toBe(name);
  });

  it('leads where the walk along the text of every link leads', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 30 }),
        fc.array(paths, { maxLength: 20 }),
        (made, asked) => {
          const root = new KernfsRoot();
          for (const step of made) apply(root, step);
          for (const path of asked)
            for (const follow of [true, false])
              expect(found(root, path, follow)).toBe(walk(root, path, follow));
        },
      ),
    );
  });
});

describe('a file that was found by its path', () => {
  it('is found again as if for the first time, whatever came and went', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 40 }),
        fc.array(paths, { maxLength: 8 }),
        (made, asked) => {
          const root = new KernfsRoot();
          const cache = new PathCache(root);
          for (const step of made) {
            apply(root, step);
            for (const path of asked) {
              const errno = errnoOf(() => fileAt(root, path));
              expect(errnoOf(() => cache.fileAt(path))).toBe(errno);
              if (errno === 'ok') expect(cache.fileAt(path)).toBe(fileAt(root, path));
            }
          }
        },
      ),
    );
  });
});
