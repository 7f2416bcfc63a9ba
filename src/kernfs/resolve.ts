/**
 * Path resolution inside a tree, following links as the kernel's path walk does.
 */
import { KernelError } from '../errno.ts';
import type { KernfsDirectory, KernfsNode } from './node.ts';

/** MAXSYMLINKS of `include/linux/namei.h`. */
const MAX_LINKS = 40;

const SLASH = 0x2f;
/** What may follow a link that a path ends with. */
const NOTHING_MORE = /^(?:\/+\.?(?=\/|$))*$/;

/**
 * The node at `path`. ENOENT: no such name; ENOTDIR: a component is not a directory; ELOOP: too
 * many links. With `follow: false` a link at the end is returned itself, as lstat does.
 */
export function resolve(root: KernfsDirectory, path: string, follow = true): KernfsNode {
  let at: KernfsNode = root;
  let links = 0;
  let todo = path;
  let start = 0;
  for (;;) {
    while (todo.charCodeAt(start) === SLASH) start += 1;
    if (start === todo.length) return at;
    const slash = todo.indexOf('/', start);
    const end = slash < 0 ? todo.length : slash;
    const part = todo.slice(start, end);
    start = end;
    if (part === '.') continue;
    if (at.kind !== 'directory')
      throw new KernelError('ENOTDIR', `${path}: ${at.name} is not a directory`);
    if (part === '..') {
      at = at.parent ?? at;
      continue;
    }
    const next: KernfsNode | undefined = at.lookup(part);
    if (next === undefined) throw new KernelError('ENOENT', `${path}: no '${part}'`);
    if (next.kind !== 'link' || (!follow && NOTHING_MORE.test(todo.slice(end)))) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new KernelError('ELOOP', `${path}: too many links`);
    const node: KernfsNode | undefined = next.node;
    if (node !== undefined) {
      at = node;
      continue;
    }
    const text = next.read();
    if (text.startsWith('/')) at = root;
    todo = text + todo.slice(end);
    start = 0;
  }
}
