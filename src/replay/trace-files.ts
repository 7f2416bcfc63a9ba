/**
 * Recordings on disk: `.jsonl`, plain or gzipped.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseTrace, type Trace } from './trace.ts';

const TRACE_NAME = /\.jsonl(?:\.gz)?$/;

/** A path that is neither a recording nor a folder with some. */
export class NoTraceError extends Error {
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.name = 'NoTraceError';
  }
}

function tracesIn(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...tracesIn(path));
    else if (TRACE_NAME.test(entry.name)) found.push(path);
  }
  return found.sort();
}

/** The recordings at the paths, folders with all below them. Throws NoTraceError. */
export function findTraces(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw new NoTraceError(path, 'no such file or folder');
    if (!stat.isDirectory()) return [path];
    const found = tracesIn(path);
    if (found.length === 0)
      throw new NoTraceError(path, 'no recording (*.jsonl, *.jsonl.gz) in this folder');
    return found;
  });
}

/** Throws TraceFormatError, or what reading throws. */
export function readTrace(file: string): Trace {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return parseTrace(text, file);
}
