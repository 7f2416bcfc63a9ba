/**
 * Copies between sparse files that leave holes as holes. Node has no SEEK_DATA, so holes are found
 * by reading: zeros come at several GB/s, and on tmpfs reading ends as soon as all blocks of a file
 * were seen.
 */
import { fstatSync, readSync, statfsSync, writeSync } from 'node:fs';
import { PAGE_SIZE } from '../units.ts';

const CHUNK = 1 << 20;
/** st_blocks counts these on every file system. */
const STAT_BLOCK = 512;
/** `include/uapi/linux/magic.h` */
const TMPFS_MAGIC = 0x01021994;
const ZEROS = Buffer.alloc(CHUNK);

export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const part = bytes.subarray(at, at + CHUNK);
    if (!part.equals(ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}

/**
 * The most bytes that may be not zero in the file. Only tmpfs counts blocks exactly and at once;
 * others compress, or count when they write back.
 */
export function occupied(file: number): number {
  const { type } = statfsSync(`/proc/self/fd/${file}`);
  return type === TMPFS_MAGIC ? fstatSync(file).blocks * STAT_BLOCK : Number.POSITIVE_INFINITY;
}

/** Bytes of the pages of `bytes` that are not zero. */
export function countNonZero(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += PAGE_SIZE)
    if (!isZero(bytes.subarray(at, at + PAGE_SIZE))) count += PAGE_SIZE;
  return count;
}

/** Fills `bytes` from `position`; what is behind the end of the file reads as zeros. */
export function readFully(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0) {
      bytes.fill(0, done);
      return;
    }
    done += count;
  }
}

export function writeFully(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

/**
 * Writes the pages of `bytes` that are not zero, to where the file is known to be zero. Returns how
 * many bytes it wrote.
 */
export function writeSparse(file: number, bytes: Buffer, position: number): number {
  let written = 0;
  let runStart = 0;
  const flush = (end: number): void => {
    if (end > runStart) writeFully(file, bytes.subarray(runStart, end), position + runStart);
    written += end - runStart;
  };
  // Pages of the file, not of the buffer: a hole is a whole page of the file.
  const firstEnd = PAGE_SIZE - (position % PAGE_SIZE);
  for (let at = 0, end = firstEnd; at < bytes.length; at = end, end += PAGE_SIZE) {
    if (!isZero(bytes.subarray(at, end))) continue;
    flush(at);
    runStart = Math.min(end, bytes.length);
  }
  flush(bytes.length);
  return written;
}

/**
 * The pages in [start, end) of the file that are not zero. Stops early when all that the file holds
 * was seen.
 */
export function* nonZeroPages(file: number, start: number, end: number): Iterable<number> {
  let remaining = occupied(file);
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK, end - start));
  for (let at = start; at < end && remaining > 0; at += chunk.length) {
    const bytes = chunk.subarray(0, Math.min(chunk.length, end - at));
    readFully(file, bytes, at);
    if (isZero(bytes)) continue;
    for (let page = 0; page < bytes.length; page += PAGE_SIZE) {
      if (isZero(bytes.subarray(page, page + PAGE_SIZE))) continue;
      remaining -= PAGE_SIZE;
      yield at + page;
    }
  }
}

export interface FilePart {
  readonly file: number;
  readonly position: number;
}

/**
 * Copies `length` bytes to where `to` is known to be zero. Stops early when all that `from` holds
 * was seen.
 */
export function copySparse(from: FilePart, to: FilePart, length: number): void {
  let remaining = occupied(from.file);
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK, length));
  for (let done = 0; done < length && remaining > 0; done += chunk.length) {
    const bytes = chunk.subarray(0, Math.min(chunk.length, length - done));
    readFully(from.file, bytes, from.position + done);
    remaining -= writeSparse(to.file, bytes, to.position + done);
  }
}
