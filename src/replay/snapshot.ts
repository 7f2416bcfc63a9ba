/**
 * A picture of parts of the tree, in the form in which recordings describe nodes.
 */

import { KernelError } from '../errno.ts';
import type { KernfsDirectory, KernfsNode } from '../kernfs/node.ts';
import { pathOf } from '../kernfs/node.ts';
import { OpenFile } from '../kernfs/open-file.ts';
import { excluded } from './normalise.ts';
import type { RecordedNode } from './trace.ts';

export type Snapshot = Map<string, RecordedNode>;

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function describeFile(node: KernfsNode & { kind: 'file' }): RecordedNode {
  const mode = octal(node.mode);
  let at: 'open' | 'read' = 'open';
  try {
    const file = new OpenFile(node, { read: true, write: false });
    at = 'read';
    return { t: 'file', mode, data: file.read(0, 1 << 20) };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return at === 'read'
      ? { t: 'file', mode, errno: error.errno, at }
      : { t: 'file', mode, errno: error.errno };
  }
}

/** lstat and read of one node. */
export function describeNode(node: KernfsNode): RecordedNode {
  if (node.kind === 'directory') return { t: 'dir', mode: octal(node.mode) };
  if (node.kind === 'link') return { t: 'link', to: node.read() };
  return describeFile(node);
}

/** Adds `node`, called `path`, and all below it. `skip` leaves out a path and what is below. */
export function dumpTree(
  into: Snapshot,
  node: KernfsNode,
  path: string,
  skip: (path: string) => boolean = excluded,
): void {
  if (skip(path)) return;
  into.set(path, describeNode(node));
  if (node.kind !== 'directory') return;
  for (const name of node.names()) {
    const child = node.lookup(name);
    if (child !== undefined) dumpTree(into, child, `${path}/${name}`, skip);
  }
}

function wildcard(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

function childrenMatching(directories: readonly KernfsDirectory[], pattern: string): KernfsNode[] {
  const test = pattern.includes('*') ? wildcard(pattern) : undefined;
  return directories.flatMap((directory) => {
    const names =
      test === undefined ? [pattern] : [...directory.names()].filter((name) => test.test(name));
    return names.flatMap((name) => directory.lookup(name) ?? []);
  });
}

/** The nodes that a path with `*` in its components names; links are not followed. */
export function glob(root: KernfsDirectory, pattern: string): KernfsNode[] {
  let found: KernfsNode[] = [root];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    found = childrenMatching(
      found.filter((node) => node.kind === 'directory'),
      part,
    );
  }
  return found;
}

/** Everything below the roots (which may have wildcards). */
export function takeSnapshot(
  root: KernfsDirectory,
  roots: readonly string[],
  skip?: (path: string) => boolean,
): Snapshot {
  const snapshot: Snapshot = new Map();
  for (const pattern of roots)
    for (const node of glob(root, pattern)) dumpTree(snapshot, node, pathOf(node), skip);
  return snapshot;
}
