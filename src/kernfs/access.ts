/**
 * Whole-file access to a tree, as a program does it: open, one read or one write, close.
 */
import { KernelError } from '../errno.ts';
import type { KernfsDirectory, KernfsFile } from './node.ts';
import { OpenFile } from './open-file.ts';
import { resolve } from './resolve.ts';

/** The file at `path`. ENOENT, ENOTDIR, ELOOP; EISDIR for a directory. */
export function fileAt(root: KernfsDirectory, path: string): KernfsFile {
  const node = resolve(root, path);
  if (node.kind === 'directory') throw new KernelError('EISDIR', `${path} is a directory`);
  if (node.kind === 'link') throw new KernelError('ELOOP', `${path} is a link to nothing`);
  return node;
}

const FOR_READING = { read: true, write: false };

/** The whole content. Errors of open(2) and read(2). */
export function readWhole(file: KernfsFile): string {
  const open = new OpenFile(file, FOR_READING);
  try {
    return open.read(0, Number.MAX_SAFE_INTEGER);
  } finally {
    open.close();
  }
}

/** As readWhole() of the file at `path`. */
export function readFile(root: KernfsDirectory, path: string): string {
  return readWhole(fileAt(root, path));
}

/** One write(2) of `data`; returns the count taken. Errors of open(2) and write(2). */
export function writeFile(root: KernfsDirectory, path: string, data: string): number {
  const file = new OpenFile(fileAt(root, path), { read: false, write: true });
  try {
    return file.write(data);
  } finally {
    file.close();
  }
}
