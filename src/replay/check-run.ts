/**
 * `run` steps: the writes that the command made, done again, and what it showed of single files. No
 * tool is imitated here: a recording says what a tool wrote, and a tool's own output is compared
 * where the real tool runs.
 */
import { KernelError } from '../errno.ts';
import { pathOf } from '../kernfs/node.ts';
import type { Machine } from '../platform/machine.ts';
import { checkToolWrite } from './check-access.ts';
import { nodeText } from './delta.ts';
import { imposeOnWrite } from './imposed.ts';
import { excluded, sameNode } from './normalise.ts';
import type { StepOutcome } from './result.ts';
import { describeNode, glob } from './snapshot.ts';
import type { RunStep, ShownNode, ToolModule, ToolWrite } from './trace.ts';
import type { TreeFiles } from './tree-files.ts';

/** Why a run without writes does not leave a gap in the replay. */
const NOTHING_TO_COMPARE: Readonly<Record<RunStep['kind'], string>> = {
  probe: 'a program that maps memory: changes nothing in the tree',
  module: 'the machine has no modules',
  cli: 'a tool that wrote nothing: its output is compared where the real tool runs',
  shell: 'a shell command that wrote nothing, and whose output is not of single files',
};

function checkModule({ module, action, errno }: ToolModule, machine: Machine): string[] {
  let found = 'ok';
  try {
    machine.modules?.[action](module);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    found = error.errno;
  }
  machine.kernel.work.settle();
  const expected = errno ?? 'ok';
  return expected === found
    ? []
    : [`${action} of module ${module}: expected ${expected}, found ${found}`];
}

function doAgain(each: ToolWrite | ToolModule, files: TreeFiles, machine: Machine): string[] {
  if ('module' in each) return checkModule(each, machine);
  imposeOnWrite(machine.debug, each);
  return checkToolWrite(each, files).map(
    (text) => `write ${each.path} ${JSON.stringify(each.data)}: ${text}`,
  );
}

/** The last component of what is at the path, links followed. */
function baseOf(path: string, files: TreeFiles): string {
  const node = files.lookup(path);
  return node === undefined ? 'nothing' : (pathOf(node).split('/').at(-1) ?? '');
}

function namesAt(path: string, files: TreeFiles): string[] {
  const found = path.includes('*')
    ? glob(files.root, path).map(({ name }) => name)
    : files.list(path).filter((name) => !excluded(`${path}/${name}`));
  return found.sort();
}

function mismatch(path: string, expected: string, found: string): string[] {
  return expected === found ? [] : [`${path}: expected ${expected}, found ${found}`];
}

function checkShown(path: string, shown: ShownNode, files: TreeFiles): string[] {
  if (shown.t === 'base') return mismatch(path, shown.of, baseOf(path, files));
  if (shown.t === 'names') {
    const expected = shown.names.filter((name) => !excluded(`${path}/${name}`));
    return mismatch(path, [...expected].sort().join(' '), namesAt(path, files).join(' '));
  }
  const node = files.lookup(path);
  const found = node === undefined ? undefined : describeNode(node);
  if (shown.t === 'absent' && found === undefined) return [];
  return found !== undefined && sameNode(path, shown, found)
    ? []
    : mismatch(path, nodeText(shown), nodeText(found));
}

/** Does again what the command did, and compares what is known of it. */
export function checkRun(step: RunStep, files: TreeFiles, machine: Machine): StepOutcome {
  const { kind, writes, shows = {}, status, stdout, doubt } = step;
  if (writes === undefined) return { skipped: 'a command whose writes are not known' };
  const differences = [
    ...(doubt === undefined ? [] : [doubt]),
    ...writes.flatMap((each) => doAgain(each, files, machine)),
    ...Object.entries(shows).flatMap(([path, shown]) => checkShown(path, shown, files)),
  ];
  if (differences.length > 0) return { differences };
  if (writes.length === 0 && step.shows === undefined) return { skipped: NOTHING_TO_COMPARE[kind] };
  if (status === undefined && stdout === undefined)
    return { skipped: 'done again; the recording has no result' };
  return { differences: [] };
}
