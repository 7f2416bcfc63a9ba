/**
 * What one command wrote, found out by doing on the machine what the tool does.
 */
import { KernelError } from '../../src/errno.ts';
import type { Machine } from '../../src/platform/machine.ts';
import type { RunStep, ToolModule, ToolWrite } from '../../src/replay/trace.ts';
import { failed, type TreeFiles, type WriteOutcome } from '../../src/replay/tree-files.ts';
import { type Shows, shownBy, writesNothing } from './shell.ts';
import { chmem } from './tools/chmem.ts';
import { cxl } from './tools/cxl.ts';
import { daxctl } from './tools/daxctl.ts';
import { modprobe, rmmod } from './tools/modules.ts';
import type { Tool, ToolContext } from './tools/tool.ts';

const TOOLS: Readonly<Record<string, Tool>> = { cxl, daxctl, chmem, modprobe, rmmod };

export interface Derivation {
  readonly writes: readonly (ToolWrite | ToolModule)[];
  readonly shows: Shows | undefined;
  /**
   * In how many ways the tool may have behaved; `writes` are those of the one that was asked for.
   */
  readonly ways: number;
  /** Why the writes cannot be right. */
  readonly doubt: string | undefined;
}

/** What daxctl and chmem print for a block that stayed online. */
const BUSY_BLOCKS = [
  /\/memory(\d+)\/state: Device or resource busy/g,
  /Memory Block (\d+) \([^)]*\) disable failed: Device or resource busy/g,
];

/** Blocks that, as the tool printed, hold what the recorded kernel could not move. */
function busyBlocks({ env, stderr = '' }: RunStep): ReadonlySet<string> {
  if (!env) return new Set();
  return new Set(
    BUSY_BLOCKS.flatMap((pattern) =>
      [...stderr.matchAll(pattern)].flatMap(([, block]) => block ?? []),
    ),
  );
}

const BLOCK_STATE = /\/memory(\d+)\/state$/;

/** A write as the recording gets it. */
function noted(
  path: string,
  data: string,
  outcome: WriteOutcome,
  busy: ReadonlySet<string>,
): ToolWrite {
  if (!failed(outcome)) {
    const short = outcome.written === data.length ? {} : { ret: outcome.written };
    return { path, data, result: 'ok', ...short };
  }
  const block = BLOCK_STATE.exec(path)?.[1] ?? '';
  return {
    path,
    data,
    errno: outcome.errno,
    ...(outcome.at === 'open' ? { at: 'open' } : {}),
    ...(busy.has(block) && outcome.errno === 'EBUSY' ? { env: true } : {}),
  };
}

class Run implements ToolContext {
  readonly step: RunStep;
  readonly files: TreeFiles;
  readonly writes: (ToolWrite | ToolModule)[] = [];
  ways = 1;
  private readonly machine: Machine;
  private readonly way: number;
  private readonly busy: ReadonlySet<string>;

  constructor(step: RunStep, files: TreeFiles, machine: Machine, way: number) {
    this.step = step;
    this.files = files;
    this.machine = machine;
    this.way = way;
    this.busy = busyBlocks(step);
    for (const block of this.busy) machine.debug?.setUnmovable(Number(block), true);
  }

  write(path: string, data: string): WriteOutcome {
    const outcome = this.files.write(path, data);
    this.writes.push(noted(path, data, outcome, this.busy));
    return outcome;
  }

  module(action: 'load' | 'unload', module: string): string | undefined {
    const { modules, kernel } = this.machine;
    if (modules === undefined) return undefined;
    try {
      modules[action](module);
      this.writes.push({ module, action, result: 'ok' });
      return undefined;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.writes.push({ module, action, errno: error.errno });
      return error.errno;
    } finally {
      kernel.work.settle();
    }
  }

  choose(count: number): number {
    this.ways = count;
    return this.way;
  }
}

const NOTHING: Derivation = { writes: [], shows: undefined, ways: 1, doubt: undefined };

/**
 * `way`: which of the ways to behave to try, from 0. Undefined: nothing is known of such a command.
 */
export function derive(
  step: RunStep,
  files: TreeFiles,
  machine: Machine,
  way: number,
): Derivation | undefined {
  if (step.kind === 'probe') return NOTHING;
  const [name = '', ...words] = step.argv.split(/\s+/);
  const tool = TOOLS[name];
  if (tool === undefined)
    return writesNothing(step.argv) ? { ...NOTHING, shows: shownBy(step) } : undefined;
  const run = new Run(step, files, machine, way);
  const outcome = tool(run, words);
  if (outcome === undefined) return undefined;
  const agrees =
    step.status === undefined || outcome.status === undefined || outcome.status === step.status;
  return {
    writes: run.writes,
    shows: undefined,
    ways: run.ways,
    doubt: agrees
      ? undefined
      : `its exit status would be ${outcome.status}, and ${step.status} was recorded`,
  };
}
