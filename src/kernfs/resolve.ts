/**
 * Path resolution inside a tree, following links as the kernel's path walk does.
 */
import { KernelError } from '../errno.ts';
import type { KernfsDirectory, KernfsNode } from './node.ts';

/** MAXSYMLINKS of `include/linux/namei.h`. */
const MAX_LINKS = 40;

/**
 * The node at `path`. ENOENT: no such name; ENOTDIR: a component is not a directory; ELOOP: too
 * many links. With `follow: false` a link at the end is returned itself, as lstat does.
 */
export function resolve(root: KernfsDirectory, path: string, follow = true): KernfsNode {
  let at: KernfsNode = root;
  let links = 0;
  const todo = path.split('/').filter((part) => part !== '' && part !== '.');
  while (todo.length > 0) {
    const part = todo.shift() ?? '';
    if (at.kind !== 'directory')
      throw new KernelError('ENOTDIR', `${path}: ${at.name} is not a directory`);
    if (part === '..') {
      at = at.parent ?? at;
      continue;
    }
    const next: KernfsNode | undefined = at.lookup(part);
    if (next === undefined) throw new KernelError('ENOENT', `${path}: no '${part}'`);
    if (next.kind !== 'link' || (todo.length === 0 && !follow)) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new KernelError('ELOOP', `${path}: too many links`);
    const target = next.read();
    if (target.startsWith('/')) at = root;
    todo.unshift(...target.split('/').filter((each) => each !== '' && each !== '.'));
  }
  return at;
}
