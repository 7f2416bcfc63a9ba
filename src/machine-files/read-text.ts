/**
 * The text of a machine file, from wherever it comes: a file, standard input, a pipe. At most as
 * much of it is read as the parser takes, so that a device without end is refused as any other file
 * that is too long.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { LIMITS } from '../platform/description/limits.ts';

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

/** Bytes of a character in UTF-8. */
const MOST_BYTES = 4;
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

/** Throws what opening and reading throw. */
export function readText(file: string): string {
  const descriptor = isStdin(file) ? STDIN : openSync(file, 'r');
  const chunks: Buffer[] = [];
  try {
    for (let left = LIMITS.text * MOST_BYTES; left > 0; ) {
      const chunk = Buffer.alloc(CHUNK);
      const count = readSome(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
  } finally {
    if (descriptor !== STDIN) closeSync(descriptor);
  }
  return Buffer.concat(chunks).toString('utf8');
}
