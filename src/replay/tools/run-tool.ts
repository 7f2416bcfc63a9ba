/**
 * `run` steps: the command's effect on the machine, and what can be said about its result.
 */

import type { Machine } from '../../platform/machine.ts';
import { matchesRecorded } from '../normalise.ts';
import type { StepOutcome } from '../result.ts';
import type { RunStep } from '../trace.ts';
import type { TreeFiles } from '../tree-files.ts';
import { chmem } from './chmem.ts';
import { cxl } from './cxl.ts';
import { daxctl } from './daxctl.ts';
import { modprobe, rmmod } from './modules.ts';
import { runShell } from './shell.ts';
import type { Tool, ToolContext, ToolOutcome } from './tool.ts';

const TOOLS: Readonly<Record<string, Tool>> = { cxl, daxctl, chmem, modprobe, rmmod };

/** Why a command without emulation is no gap in the replay: it changes nothing. */
const NOT_RUN: Readonly<Record<string, string>> = {
  probe: 'a program that maps memory: changes nothing in the tree',
  module: 'the machine has no modules',
  cli: 'a listing: its output is not emulated',
  shell: 'a shell command that is not emulated',
};

function run(context: ToolContext, argv: string): ToolOutcome | undefined {
  const [name = '', ...words] = argv.split(/\s+/);
  const tool = TOOLS[name];
  return tool === undefined ? runShell(context, argv) : tool(context, words);
}

function sortedLines(text: string): string {
  return text.split('\n').sort().join('\n');
}

function compareOutput(step: RunStep, outcome: ToolOutcome): string[] {
  if (outcome.stdout === undefined || step.stdout === undefined) return [];
  const order = outcome.unordered ? sortedLines : (text: string): string => text;
  if (matchesRecorded(order(step.stdout), order(outcome.stdout))) return [];
  return [
    `stdout: expected ${JSON.stringify(step.stdout)}, found ${JSON.stringify(outcome.stdout)}`,
  ];
}

function compareStatus(step: RunStep, outcome: ToolOutcome): string[] {
  if (step.status === undefined || outcome.status === undefined || step.status === outcome.status)
    return [];
  return [`exit status: expected ${step.status}, found ${outcome.status}`];
}

/** Does what the command did; compares status and output as far as they are emulated. */
export function runTool(step: RunStep, files: TreeFiles, machine: Machine): StepOutcome {
  const outcome = step.kind === 'probe' ? undefined : run({ files, machine }, step.argv);
  if (outcome === undefined) return { skipped: NOT_RUN[step.kind] ?? 'not emulated' };
  const differences = [...compareStatus(step, outcome), ...compareOutput(step, outcome)];
  if (differences.length > 0) return { differences };
  if (step.status === undefined && step.stdout === undefined)
    return { skipped: 'done again; no result was recorded' };
  if ((step.stdout ?? '') !== '' && outcome.stdout === undefined)
    return { skipped: 'done again; its output is not emulated' };
  return { differences: [] };
}
