/**
 * Recordings on disk: `.jsonl`, plain or gzipped.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readingFile, readText, UnreadableFileError } from '../user-files/read-text.ts';
import { parseTrace, type Trace } from './trace.ts';

const TRACE_NAME = /\.jsonl(?:\.gz)?$/;

/** A path that is neither a recording nor a folder with some. */
export class NoTraceError extends UnreadableFileError {
  constructor(path: string, reason: string) {
    super(path, reason);
    this.name = 'NoTraceError';
  }
}

function tracesIn(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readingFile(folder, () => readdirSync(folder, { withFileTypes: true }))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...tracesIn(path));
    else if (TRACE_NAME.test(entry.name)) found.push(path);
  }
  return found.sort();
}

/** The recordings at the paths, folders with all below them. Throws UnreadableFileError. */
export function findTraces(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stat = readingFile(path, () => statSync(path, { throwIfNoEntry: false }));
    if (stat === undefined) throw new NoTraceError(path, 'no such file or folder');
    if (!stat.isDirectory()) return [path];
    const found = tracesIn(path);
    if (found.length === 0)
      throw new NoTraceError(path, 'no recording (*.jsonl, *.jsonl.gz) in this folder');
    return found;
  });
}

/** Throws UnreadableFileError. */
export function readTrace(file: string): Trace {
  return parseTrace(readText(file), file);
}
