/**
 * Writes to standard error, which the processes of a box share with the command and the caller. Any
 * of them may have made it non-blocking: a write then fails while the reader is slow.
 *
 * By descriptor, not by `process.stderr`: see STANDARD_STREAMS.
 */
import { writeSync } from 'node:fs';

export const STDERR = 2;

/** Between two tries, milliseconds. */
const PAUSE = 1;

const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Writes all of `bytes`, and waits for the reader as long as it takes. Gives up without a reader. */
export function writeAll(
  bytes: Uint8Array,
  write: (bytes: Uint8Array) => number = (rest) => writeSync(STDERR, rest),
): void {
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(write(rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      // A stream that was closed, or whose reader is gone, must not end the box.
      if (code !== 'EAGAIN') return;
      Atomics.wait(cell, 0, 0, PAUSE);
    }
  }
}

export function complain(line: string): void {
  writeAll(Buffer.from(`${line}\n`));
}
