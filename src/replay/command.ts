/**
 * `cxlbox replay TRACE...`
 */
import { loadMachine, UnknownMachineError } from '../machine-files/load.ts';
import { DescriptionError } from '../platform/description/error.ts';
import type { MachineDescription } from '../platform/description/types.ts';
import { UnreadableFileError } from '../user-files/read-text.ts';
import { Exceptions } from './exceptions.ts';
import { type BootMachine, replayTrace } from './replay-trace.ts';
import { reportJson, reportTotals, reportTrace } from './report.ts';
import type { ReplayResult } from './result.ts';
import { type Trace, TraceFormatError } from './trace.ts';
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
  return error instanceof UnreadableFileError || error instanceof DescriptionError;
}

/** The machine that the header of `trace` names: a mistake in it is one of the recording. */
function machineOf({ header }: Trace, file: string): MachineDescription {
  try {
    return loadMachine(header.topology);
  } catch (error) {
    if (error instanceof UnknownMachineError)
      throw new TraceFormatError(file, 1, `'topology': ${error.message}`);
    throw error;
  }
}

function replayFile(file: string, options: ReplayOptions): ReplayResult {
  const trace = readTrace(file);
  const result = replayTrace(
    trace,
    machineOf(trace, file),
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
      throw new NoTraceError('nothing', 'name at least one recording or folder');
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
    else process.stderr.write(`cxlbox: ${error.message}\n`);
    return REPLAY_EXIT.usage;
  }
}
