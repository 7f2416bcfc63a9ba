/**
 * Replays one recording on a freshly booted machine.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import { withNames } from '../platform/description/names.ts';
import type { BootOptions, MachineDescription } from '../platform/description/types.ts';
import type { Machine } from '../platform/machine.ts';
import { writeFile } from '../platform/user-write.ts';
import { checkRead, checkWrite } from './check-access.ts';
import { checkRun } from './check-run.ts';
import { checkState } from './check-state.ts';
import { checkTree } from './check-tree.ts';
import { compareDelta } from './delta.ts';
import { Exceptions } from './exceptions.ts';
import { HeldFiles } from './held-files.ts';
import { imposeOnWrite } from './imposed.ts';
import { References } from './references.ts';
import type { ReplayResult, StepFailure, StepOutcome, StepSkip } from './result.ts';
import type { DeltaStep, RecordedEvent, Step, Trace, TraceHeader } from './trace.ts';
import { TreeFiles } from './tree-files.ts';
import { compareEvents, isRecorded, toRecorded } from './uevent-compare.ts';
import { offlineAll, unrecordedCleanUps } from './unrecorded.ts';

export type BootMachine = (description: MachineDescription) => Machine;

function bootOptions(header: TraceHeader, base: BootOptions): BootOptions {
  const { auto_online_blocks, memmap_on_memory, online_policy, modules, cpuid_hypervisor } =
    header.boot;
  return {
    ...base,
    autoOnlineBlocks: auto_online_blocks as BootOptions['autoOnlineBlocks'],
    memmapOnMemory: memmap_on_memory as BootOptions['memmapOnMemory'],
    onlinePolicy: (online_policy ?? base.onlinePolicy) as BootOptions['onlinePolicy'],
    hypervisor: cpuid_hypervisor ?? false,
    modules: Array.isArray(modules) ? modules : 'builtin',
  };
}

/**
 * The machine of a recording: its topology with the profile, the boot parameters and the device
 * names of its header.
 */
export function describeBoot(
  header: TraceHeader,
  topology: MachineDescription,
): MachineDescription {
  const described = { ...topology, abi: header.abi, boot: bootOptions(header, topology.boot) };
  return header.names === undefined ? described : withNames(described, header.names);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A step in a few words. */
function stepText(step: Step): string {
  if (step.op === 'write') return `write ${step.path} ${shortened(JSON.stringify(step.data))}`;
  if (step.op === 'read') return `read ${step.path}`;
  if (step.op === 'run') return `run ${step.argv}`;
  if (step.op === 'delta') return `delta ${step.scope}`;
  return step.op === 'tree' ? `tree ${step.root}` : step.op;
}

/** Deltas of a walk behind which nothing is said of /proc/iomem and /dev: they did not change. */
function silentDeltas(steps: readonly Step[]): Set<DeltaStep> {
  const silent = new Set<DeltaStep>();
  let open: DeltaStep[] = [];
  for (const step of steps) {
    if (step.op === 'delta') open.push(step);
    if (step.op === 'state' && (step.iomem ?? step.dev) !== undefined) open = [];
    if (step.op !== 'write') continue;
    for (const delta of open) silent.add(delta);
    open = [];
  }
  return silent;
}

/** One recording on one machine, step by step. */
export class Replay {
  readonly machine: Machine;
  readonly files: TreeFiles;
  private readonly references: References;
  private readonly held: HeldFiles;
  private readonly lastDeltas: ReadonlySet<DeltaStep>;
  private readonly silentDeltas: ReadonlySet<DeltaStep>;
  private readonly cleanUps: ReadonlySet<Step>;
  private events: RecordedEvent[] = [];

  constructor(machine: Machine, trace: Trace) {
    this.machine = machine;
    const kernel: Kernel = machine.kernel;
    kernel.work.settle();
    this.files = new TreeFiles(kernel.root, (file, data) => writeFile(kernel, file, data));
    this.references = new References(this.files, kernel.devtmpfs, trace.header);
    this.held = new HeldFiles(this.files, trace.steps);
    const last = new Map<string, DeltaStep>();
    for (const step of trace.steps) if (step.op === 'delta') last.set(step.scope, step);
    this.lastDeltas = new Set(last.values());
    this.silentDeltas = trace.header.seed === undefined ? new Set() : silentDeltas(trace.steps);
    this.cleanUps = unrecordedCleanUps(trace.steps);
    kernel.uevents.subscribe((event) => {
      if (isRecorded(event)) this.events.push(toRecorded(event));
    });
  }

  step(step: Step): StepOutcome {
    if (step.op === 'write' || step.op === 'run') this.holdFiles();
    switch (step.op) {
      case 'write':
        imposeOnWrite(this.machine.debug, step);
        return { differences: checkWrite(step, this.files, this.held) };
      case 'read':
        return { differences: checkRead(step, this.files, this.held) };
      case 'run':
        return checkRun(step, this.files, this.machine);
      case 'uevents':
        return this.uevents(step.events);
      case 'delta':
        return this.delta(step);
      case 'tree':
        if (step.partial === undefined) this.references.dumped(step.root);
        return { differences: checkTree(step, this.files) };
      case 'state':
        if (this.cleanUps.has(step)) offlineAll(this.files);
        if (step.resync) this.resync();
        if (step.iomem_full !== undefined) this.references.listedIomem();
        if (step.racy) return { skipped: 'recorded in the middle of asynchronous work' };
        return { differences: checkState(step, this.files, this.references) };
      case 'dmesg':
        return { skipped: 'kernel log lines are never compared' };
    }
  }

  /**
   * Opens what a later step uses through a descriptor of its own, if the next step may remove it.
   */
  holdFiles(): void {
    this.held.refresh();
  }

  contentOf(path: string): string | undefined {
    return this.files.text(path);
  }

  private resync(): void {
    this.references.resync();
    this.events = [];
  }

  private uevents(recorded: readonly RecordedEvent[]): StepOutcome {
    const found = this.events;
    this.events = [];
    return { differences: compareEvents(recorded, found) };
  }

  private delta(step: DeltaStep): StepOutcome {
    const delta = this.references.delta(step, this.lastDeltas.has(step));
    if (delta === undefined)
      return { skipped: `the header does not say what the scope ${step.scope} watches` };
    const silent = this.silentDeltas.has(step) ? this.references.sideChanges(step.scope) : [];
    return {
      differences: [
        ...compareDelta(step, delta.found, delta.ignored),
        ...silent.map((each) => `/proc/iomem, /dev: found ${each}, expected no change`),
      ],
    };
  }
}

/** A step whose replay broke: a defect of the model, reported like a difference. */
function thrown(error: unknown): StepOutcome {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '';
  return { differences: [`the machine broke: ${text} ${where}`.trim()] };
}

function attempt(replay: Replay, step: Step): StepOutcome {
  try {
    return replay.step(step);
  } catch (error) {
    return thrown(error);
  }
}

/** The outcome of a step on the machine of `replay`; an exception makes a difference a skip. */
export function judgeStep(replay: Replay, step: Step, exceptions: Exceptions): StepOutcome {
  const outcome = attempt(replay, step);
  if ('skipped' in outcome || outcome.differences.length === 0) return outcome;
  const reason = exceptions.reasonFor(step, outcome.differences, (path) => replay.contentOf(path));
  return reason === undefined ? outcome : { skipped: reason };
}

/** Boots the machine of the recording with `boot` and replays all steps, failed ones included. */
export function replayTrace(
  trace: Trace,
  topology: MachineDescription,
  boot: BootMachine,
  file = trace.header.trace,
  exceptions = new Exceptions([]),
): ReplayResult {
  const replay = new Replay(boot(describeBoot(trace.header, topology)), trace);
  const failures: StepFailure[] = [];
  const skips: StepSkip[] = [];
  let passed = 0;
  for (const step of trace.steps) {
    const outcome = judgeStep(replay, step, exceptions);
    const at = { line: step.line, step: stepText(step) };
    if ('skipped' in outcome) skips.push({ ...at, reason: outcome.skipped });
    else if (outcome.differences.length === 0) passed += 1;
    else failures.push({ ...at, differences: outcome.differences });
  }
  return { trace: trace.header.trace, file, passed, failures, skips };
}
