/**
 * The bytes of a file that the user named, from wherever they come: a file, standard input, a pipe.
 * No more is read than was asked for, so that a device without end ends.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const STDIN = 0;
/** A socket, which standard input may be, cannot be opened by these names. */
const STDIN_NAMES: ReadonlySet<string> = new Set([
  '-',
  '/dev/stdin',
  '/dev/fd/0',
  '/proc/self/fd/0',
]);

export function isStdin(file: string): boolean {
  return STDIN_NAMES.has(file);
}

/** What a pipe holds: a larger chunk would stay mostly empty. */
const CHUNK = 65_536;
const WAIT_MILLISECONDS = 10;

/** Standard input may be set not to wait: then this does. */
function readSome(descriptor: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MILLISECONDS);
    }
  }
}

/** The first `most` bytes, or all if there are less. Throws what opening and reading throw. */
export function readBytes(file: string, most: number): Buffer {
  const descriptor = isStdin(file) ? STDIN : openSync(file, 'r');
  const chunks: Buffer[] = [];
  try {
    for (let left = most; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, left));
      const count = readSome(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
  } finally {
    if (descriptor !== STDIN) closeSync(descriptor);
  }
  return Buffer.concat(chunks);
}
