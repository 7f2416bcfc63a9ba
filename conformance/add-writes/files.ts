/**
 * Recordings on disk, converted line by line: what is not added to is left byte for byte as it was.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseTrace, type RunStep } from '../../src/replay/trace.ts';
import { findTraces } from '../../src/replay/trace-files.ts';
import { addWrites, type Problem } from './add-writes.ts';

export interface FileResult {
  readonly file: string;
  /** Tool runs that had no writes. */
  readonly lacking: number;
  readonly problems: readonly Problem[];
}

/** The line of a `run` step with what was found out put behind its other fields. */
function extended(line: string, { writes, shows }: RunStep): string {
  const added = JSON.stringify(shows === undefined ? { writes } : { writes, shows });
  return `${line.trimEnd().slice(0, -1)}, ${added.slice(1)}`;
}

function convertText(text: string, file: string): { text: string; result: FileResult } {
  const { trace, derived, problems } = addWrites(parseTrace(text, file), file);
  const guesses = new Set(problems.map(({ line }) => line));
  const lines = text.split('\n');
  for (const step of trace.steps) {
    if (step.op !== 'run' || step.writes === undefined || guesses.has(step.line)) continue;
    const line = lines[step.line - 1] ?? '';
    if (!('writes' in (JSON.parse(line) as object))) lines[step.line - 1] = extended(line, step);
  }
  return { text: lines.join('\n'), result: { file, lacking: derived, problems } };
}

/** The same bytes each time: gzip's header gets no time and no name. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith('.gz') ? gzipSync(text, { level: 9 }) : text);
}

/**
 * Converts a recording, or all below a folder, in place or into the folder `out`. Writes that are a
 * guess are left out. Yields what became of each file.
 */
export function* convertFiles(path: string, out: string | undefined): Generator<FileResult> {
  const root = statSync(path).isDirectory() ? path : dirname(path);
  for (const file of findTraces([path])) {
    const bytes = readFileSync(file);
    const before = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const { text, result } = convertText(before, file);
    const target = out === undefined ? file : join(out, relative(root, file));
    if (text !== before || target !== file) write(target, text);
    yield result;
  }
}
