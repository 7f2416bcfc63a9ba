/**
 * Descriptors that a recording opened before the step that uses them: they are opened as late as
 * possible but before the step in between, which may remove the file.
 */
import type { OpenFile } from '../kernfs/open-file.ts';
import type { ReadStep, Step, WriteStep } from './trace.ts';
import { failed, type TreeFiles } from './tree-files.ts';

type HeldStep = ReadStep | WriteStep;

function isHeld(step: Step): step is HeldStep {
  return (step.op === 'write' || step.op === 'read') && step.held_fd === true;
}

function keyOf(step: HeldStep): string {
  return `${step.op} ${step.path}`;
}

export class HeldFiles {
  private readonly files: TreeFiles;
  private readonly upcoming: HeldStep[];
  private readonly open = new Map<string, OpenFile>();

  constructor(files: TreeFiles, steps: readonly Step[]) {
    this.files = files;
    this.upcoming = steps.filter(isHeld);
  }

  /**
   * Call before each step that may change the tree: opens again what later steps will use and
   * exists now.
   */
  refresh(): void {
    for (const step of this.upcoming) {
      const file = this.files.open(step.path, step.op);
      if (!failed(file)) this.open.set(keyOf(step), file);
    }
  }

  /** The descriptor for `step`, which counts as used; undefined if the file never was there. */
  take(step: HeldStep): OpenFile | undefined {
    const index = this.upcoming.indexOf(step);
    if (index >= 0) this.upcoming.splice(index, 1);
    return this.open.get(keyOf(step));
  }
}
