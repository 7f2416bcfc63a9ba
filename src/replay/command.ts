/**
 * `cxlbox replay TRACE...`: the entry of this room, which holds the recordings' steps against the
 * model.
 *
 * A recording (`trace.ts`, from disk by `trace-files.ts`) is replayed step by step on a machine of
 * its own (`replay-trace.ts`). Each operation has its check (`check-*.ts`), which acts through
 * `tree-files.ts` and returns what differs; `references.ts` holds what the recorder looked at last,
 * `exceptions.ts` the steps that may differ and why. Nothing here imitates a tool: recordings say
 * what tools wrote, and where one does not, a converter outside the package adds it
 * (`converter.ts`). A replay changes nothing but the machine that it boots.
 */
import { loadMachine, UnknownMachineError } from '../machine-files/load.ts';
import { DescriptionError } from '../platform/description/error.ts';
import type { MachineDescription } from '../platform/description/types.ts';
import { UnreadableFileError } from '../user-files/read-text.ts';
import { type AddWrites, findConverter, MissingWritesError } from './converter.ts';
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
  /** Takes a usage error, or a note beside the report. Absent: standard error. */
  complain?(line: string): void;
  /**
   * Finds the converter for recordings without writes. Absent: the one of the checkout, if this is
   * one.
   */
  findConverter?(): Promise<AddWrites | undefined>;
}

export const REPLAY_EXIT = { agree: 0, differ: 1, usage: 2 } as const;

function print(options: ReplayOptions, line: string): void {
  if (options.print !== undefined) options.print(line);
  else process.stdout.write(`${line}\n`);
}

function complain(options: ReplayOptions, line: string): void {
  if (options.complain !== undefined) options.complain(line);
  else process.stderr.write(`${line}\n`);
}

function isUsageError(error: unknown): error is Error {
  return [UnreadableFileError, MissingWritesError, DescriptionError].some(
    (kind) => error instanceof kind,
  );
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

/** The recordings with what their tools wrote, derived where a recording does not have it. */
class CompleteTraces {
  derived = 0;
  private readonly options: ReplayOptions;
  private converter: Promise<AddWrites | undefined> | undefined;

  constructor(options: ReplayOptions) {
    this.options = options;
  }

  async read(file: string): Promise<Trace> {
    const trace = readTrace(file);
    const lacking = trace.steps.find((step) => step.op === 'run' && step.writes === undefined);
    if (lacking === undefined) return trace;
    this.converter ??= (this.options.findConverter ?? findConverter)();
    const addWrites = await this.converter;
    if (addWrites === undefined) throw new MissingWritesError(file, lacking.line);
    const complete = addWrites(trace, file);
    this.derived += complete.derived;
    return complete.trace;
  }
}

function replayFile(file: string, trace: Trace, options: ReplayOptions): ReplayResult {
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
 * Replays the recordings at the paths (files, or folders with all below them) and reports as it
 * goes. Resolves to the exit code: 0 all steps agree, 1 some differ, 2 nothing to replay or no
 * valid recording.
 */
export async function replayCommand(
  paths: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  try {
    if (paths.length === 0)
      throw new NoTraceError('nothing', 'name at least one recording or folder');
    const results: ReplayResult[] = [];
    const traces = new CompleteTraces(options);
    for (const file of findTraces(paths)) {
      results.push(replayFile(file, await traces.read(file), options));
      // Other work of the process gets its turn between two recordings.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (traces.derived > 0)
      complain(
        options,
        `${traces.derived} tool runs had no writes; derived by conformance/add-writes`,
      );
    if (options.json) print(options, reportJson(results));
    else for (const line of reportTotals(results)) print(options, line);
    return results.some(({ failures }) => failures.length > 0)
      ? REPLAY_EXIT.differ
      : REPLAY_EXIT.agree;
  } catch (error) {
    if (!isUsageError(error)) throw error;
    complain(options, `cxlbox: ${error.message}`);
    return REPLAY_EXIT.usage;
  }
}
