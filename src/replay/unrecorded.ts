/**
 * Changes that recordings do not spell out. Before some unbinds the recorder's own clean-up put all
 * memory blocks offline, then took a new reference (`resync`): most recordings show those writes,
 * some only the reference.
 */
import { blocksOf, blockView, FIRST_HOTPLUG_BLOCK } from './state-views.ts';
import type { StateStep, Step } from './trace.ts';
import type { TreeFiles } from './tree-files.ts';

function isResync(step: Step): step is StateStep {
  return step.op === 'state' && step.resync === true;
}

/**
 * The resyncs behind a clean-up whose writes are not in the recording: an unbind follows, no write
 * goes before.
 */
export function unrecordedCleanUps(steps: readonly Step[]): ReadonlySet<StateStep> {
  const found = new Set<StateStep>();
  for (const [index, step] of steps.entries()) {
    if (!isResync(step) || steps[index - 1]?.op !== 'state') continue;
    const next = steps.slice(index + 1).find(({ op }) => op === 'write' || op === 'run');
    if (next?.op === 'write' && next.path.endsWith('/unbind')) found.add(step);
  }
  return found;
}

/**
 * What the clean-up did: each block that hotplug brought and that is online is written `offline`.
 */
export function offlineAll(files: TreeFiles): void {
  for (const id of blocksOf(files)) {
    if (id < FIRST_HOTPLUG_BLOCK || blockView(files, id)?.state !== 'online') continue;
    files.write(`/sys/devices/system/memory/memory${id}/state`, 'offline\n');
  }
}
