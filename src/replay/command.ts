/**
 * `cxlbox replay TRACE...`
 */
import { loadMachine, UnknownMachineError } from '../machine-files/load.ts';
import { DescriptionError } from '../platform/description/error.ts';
import { Exceptions, ExceptionsFormatError } from './exceptions.ts';
import { type BootMachine, replayTrace } from './replay-trace.ts';
import { reportJson, reportTotals, reportTrace } from './report.ts';
import type { ReplayResult } from './result.ts';
import { TraceFormatError } from './trace.ts';
import { findTraces, NoTraceError, readTrace } from './trace-files.ts';

export interface ReplayOptions {
  readonly boot: BootMachine;
  /** One JSON object instead of text. */
  readonly json?: boolean;
  /** Takes a line of the report. Absent: standard output. */
  print?(line: string): void;
  /** Takes a usage error. Absent: standard error. */
  complain?(line: string): void;
}

export const REPLAY_EXIT = { agree: 0, differ: 1, usage: 2 } as const;

function print(options: ReplayOptions, line: string): void {
  if (options.print !== undefined) options.print(line);
  else process.stdout.write(`${line}\n`);
}

function isUsageError(error: unknown): error is Error {
  return [
    NoTraceError,
    TraceFormatError,
    ExceptionsFormatError,
    UnknownMachineError,
    DescriptionError,
  ].some((kind) => error instanceof kind);
}

function replayFile(file: string, options: ReplayOptions): ReplayResult {
  const trace = readTrace(file);
  const result = replayTrace(
    trace,
    loadMachine(trace.header.topology),
    options.boot,
    file,
    Exceptions.of(file, trace.header.trace),
  );
  if (!options.json) for (const line of reportTrace(result)) print(options, line);
  return result;
}

/**
 * Replays the recordings at the paths (files, or folders with all below them) and reports as it goes. Resolves to the
 * exit code: 0 all steps agree, 1 some differ, 2 nothing to replay or no valid recording.
 */
export async function replayCommand(
  paths: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  try {
    if (paths.length === 0)
      throw new NoTraceError('replay', 'name at least one recording or folder');
    const results: ReplayResult[] = [];
    for (const file of findTraces(paths)) {
      results.push(replayFile(file, options));
      // Other work of the process gets its turn between two recordings.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (options.json) print(options, reportJson(results));
    else for (const line of reportTotals(results)) print(options, line);
    return results.some(({ failures }) => failures.length > 0)
      ? REPLAY_EXIT.differ
      : REPLAY_EXIT.agree;
  } catch (error) {
    if (!isUsageError(error)) throw error;
    if (options.complain !== undefined) options.complain(error.message);
    else process.stderr.write(`${error.message}\n`);
    return REPLAY_EXIT.usage;
  }
}
