/**
 * `write` and `read` steps: done on the machine, compared with what the kernel answered.
 */

import type { HeldFiles } from './held-files.ts';
import { matchesRecorded, withoutMajor } from './normalise.ts';
import type { ReadStep, ToolWrite, WriteStep } from './trace.ts';
import { failed, type ReadOutcome, type TreeFiles, type WriteOutcome } from './tree-files.ts';

function outcomeText(outcome: WriteOutcome | ReadOutcome): string {
  if (failed(outcome)) return `${outcome.errno}${outcome.at === 'open' ? ' at open' : ''}`;
  return 'written' in outcome ? `ok, ${outcome.written} bytes` : JSON.stringify(outcome.data);
}

function recordedFailure(step: { readonly errno?: string; readonly at?: string }): string {
  return `${step.errno}${step.at === 'open' ? ' at open' : ''}`;
}

const NEVER_OPENED = 'expected a descriptor that was opened earlier, but the file was never there';

function compareOutcome(step: ToolWrite, outcome: WriteOutcome): string[] {
  if (step.result === 'unrecorded') return [];
  const expected =
    step.errno === undefined ? `ok, ${step.ret ?? step.data.length} bytes` : recordedFailure(step);
  const found = outcomeText(outcome);
  return expected === found ? [] : [`expected ${expected}, found ${found}`];
}

/** Does a write of a tool; empty if its outcome is the recorded one. */
export function checkToolWrite(write: ToolWrite, files: TreeFiles): string[] {
  return compareOutcome(write, files.write(write.path, write.data));
}

/** Does the write; empty if its outcome is the recorded one. */
export function checkWrite(step: WriteStep, files: TreeFiles, held: HeldFiles): string[] {
  let outcome: WriteOutcome;
  if (step.held_fd) {
    const file = held.take(step);
    if (file === undefined) return [NEVER_OPENED];
    outcome = files.writeTo(file, step.data);
  } else {
    outcome = files.write(step.path, step.data);
  }
  return compareOutcome(step, outcome);
}

/** Does the read; empty if its outcome is the recorded one. */
export function checkRead(step: ReadStep, files: TreeFiles, held: HeldFiles): string[] {
  let outcome: ReadOutcome;
  if (step.held_fd) {
    const file = held.take(step);
    if (file === undefined) return [NEVER_OPENED];
    outcome = files.readFrom(file, step.offset);
  } else {
    outcome = files.read(step.path, step.offset);
  }
  if (step.data !== undefined && !failed(outcome)) {
    if (step.volatile) return [];
    if (matchesRecorded(withoutMajor(step.path, step.data), withoutMajor(step.path, outcome.data)))
      return [];
  }
  const expected = step.errno === undefined ? JSON.stringify(step.data) : recordedFailure(step);
  const found = outcomeText(outcome);
  return expected === found ? [] : [`expected ${expected}, found ${found}`];
}
