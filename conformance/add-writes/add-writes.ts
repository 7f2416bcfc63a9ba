/**
 * Gives the `run` steps of a recording their `writes`: what each command wrote to sysfs, in order,
 * and what the kernel answered. The recorded kernel's own words decide. A recording is replayed
 * with the derived writes as it goes; where what follows a command is not what was recorded,
 * another way in which the tool may have behaved is tried, and if none leads there, the writes are
 * a guess, and reported as such.
 */
import { loadMachine } from '../../src/machine-files/load.ts';
import { boot } from '../../src/platform/boot.ts';
import { Exceptions } from '../../src/replay/exceptions.ts';
import { describeBoot, judgeStep, Replay } from '../../src/replay/replay-trace.ts';
import type { RunStep, Step, Trace } from '../../src/replay/trace.ts';
import { type Derivation, derive } from './derive.ts';

export interface Problem {
  readonly line: number;
  readonly argv: string;
  readonly reason: string;
}

export interface Converted {
  /** With `writes` in every step whose command is known, guesses included: those have a `doubt`. */
  readonly trace: Trace;
  /** Run steps that had no writes before. */
  readonly derived: number;
  readonly problems: readonly Problem[];
}

export function lacksWrites(step: Step): step is RunStep {
  return step.op === 'run' && step.writes === undefined;
}

/** A step that disagrees with the writes of the commands before it. */
interface Mismatch {
  readonly step: Step;
  readonly reason: string;
  /** Commands since the recording and the model last agreed, the last one first. */
  readonly suspects: readonly RunStep[];
  /** Those whose writes are a guess if no way mends it. */
  readonly guesses: readonly RunStep[];
}

class Conversion {
  readonly derivations = new Map<Step, Derivation>();
  readonly unknown: RunStep[] = [];
  readonly mismatches: Mismatch[] = [];
  private suspects: RunStep[] = [];
  private observed = false;
  private readonly trace: Trace;
  private readonly ways: ReadonlyMap<Step, number>;
  private readonly exceptions: Exceptions;
  private readonly replay: Replay;

  constructor(trace: Trace, ways: ReadonlyMap<Step, number>, exceptions: Exceptions) {
    this.trace = trace;
    this.ways = ways;
    this.exceptions = exceptions;
    const { header } = trace;
    this.replay = new Replay(boot(describeBoot(header, loadMachine(header.topology))), trace);
  }

  run(): this {
    for (const step of this.trace.steps) {
      if (lacksWrites(step)) this.command(step);
      else this.observe(step);
    }
    return this;
  }

  private command(step: RunStep): void {
    this.forget();
    this.replay.holdFiles();
    const { files, machine } = this.replay;
    const derivation = derive(step, files, machine, this.ways.get(step) ?? 0);
    if (derivation === undefined) {
      this.unknown.push(step);
      return;
    }
    this.derivations.set(step, derivation);
    const suspects = [step, ...this.suspects];
    if (derivation.writes.length > 0) this.suspects = suspects;
    if (derivation.doubt !== undefined)
      this.mismatches.push({ step, reason: derivation.doubt, suspects, guesses: [step] });
  }

  private observe(step: Step): void {
    if (step.op === 'write') this.forget();
    const outcome = judgeStep(this.replay, step, this.exceptions);
    if ('skipped' in outcome) return;
    const [first] = outcome.differences;
    if (first !== undefined && this.suspects.length > 0)
      this.mismatches.push({
        step,
        reason: `line ${step.line} (${step.op}) would differ: ${first}`,
        suspects: this.suspects,
        guesses: this.suspects,
      });
    this.observed = true;
  }

  /** The commands before an observation are settled by it, one way or the other. */
  private forget(): void {
    if (this.observed) this.suspects = [];
    this.observed = false;
  }
}

/** Another way for the last suspect that has one left; undefined: all have been tried. */
function nextWays(
  ways: ReadonlyMap<Step, number>,
  { suspects }: Mismatch,
  derivations: ReadonlyMap<Step, Derivation>,
): Map<Step, number> | undefined {
  const next = new Map(ways);
  for (const suspect of suspects) {
    const way = (ways.get(suspect) ?? 0) + 1;
    if (way < (derivations.get(suspect)?.ways ?? 1)) return next.set(suspect, way);
    next.delete(suspect);
  }
  return undefined;
}

/**
 * The ways to try after this attempt: another one for the first mismatch that has one left, or the
 * first ones again for a mismatch that no way mended, which is then `hopeless`. Undefined: there is
 * nothing more to try.
 */
function waysAfter(
  { mismatches, derivations }: Conversion,
  ways: ReadonlyMap<Step, number>,
  hopeless: Set<Step>,
): ReadonlyMap<Step, number> | undefined {
  for (const mismatch of mismatches) {
    if (hopeless.has(mismatch.step)) continue;
    const next = nextWays(ways, mismatch, derivations);
    if (next !== undefined) return next;
    hopeless.add(mismatch.step);
    if (mismatch.suspects.some((suspect) => ways.has(suspect)))
      return new Map(
        [...ways].filter(([step]) => !mismatch.suspects.some((each) => each === step)),
      );
  }
  return undefined;
}

/**
 * Tries ways until the recording agrees, mismatch by mismatch; those that no way mends are left
 * behind.
 */
function settle(trace: Trace, exceptions: Exceptions): Conversion {
  const hopeless = new Set<Step>();
  let ways: ReadonlyMap<Step, number> = new Map();
  for (;;) {
    const conversion = new Conversion(trace, ways, exceptions).run();
    const next = waysAfter(conversion, ways, hopeless);
    if (next === undefined) return conversion;
    ways = next;
  }
}

function withWrites(step: RunStep, derivation: Derivation, doubt: string | undefined): RunStep {
  const { writes, shows } = derivation;
  return {
    ...step,
    writes,
    ...(shows === undefined ? {} : { shows }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** `file` says where the exceptions of the recording are. */
export function addWrites(trace: Trace, file: string): Converted {
  const derived = trace.steps.filter(lacksWrites).length;
  if (derived === 0) return { trace, derived, problems: [] };
  const { derivations, mismatches, unknown } = settle(
    trace,
    Exceptions.of(file, trace.header.trace),
  );
  const reasons = new Map<RunStep, string>();
  for (const { guesses, reason } of mismatches)
    for (const guess of guesses)
      reasons.set(guess, reasons.get(guess) ?? `the derived writes are a guess: ${reason}`);
  const problems = [
    ...[...reasons].map(([{ line, argv }, reason]) => ({ line, argv, reason })),
    ...unknown.map(({ line, argv }) => ({
      line,
      argv,
      reason: 'what this command writes is not known',
    })),
  ].sort((left, right) => left.line - right.line);
  const steps = trace.steps.map((step) => {
    const derivation = derivations.get(step);
    return derivation === undefined || step.op !== 'run'
      ? step
      : withWrites(step, derivation, derivation.doubt && reasons.get(step));
  });
  return { trace: { ...trace, steps }, derived, problems };
}
