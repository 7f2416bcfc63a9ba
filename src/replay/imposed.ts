/**
 * Outcomes that depend on what the recorded kernel had allocated where. A replay cannot derive them: before such a
 * step it tells the machine which memory block holds a page that cannot be moved.
 */
import type { MachineDebug } from '../platform/machine.ts';
import type { RunStep, WriteStep } from './trace.ts';

const BLOCK_FILE = /\/memory(\d+)\/(?:state|online)$/;
const OFFLINING = /^(?:offline|0|n|off)/i;
/** What daxctl and chmem print for a block that stayed online. */
const BUSY_BLOCKS = [
  /\/memory(\d+)\/state: Device or resource busy/g,
  /Memory Block (\d+) \([^)]*\) disable failed: Device or resource busy/g,
];

export function imposeOnWrite(debug: MachineDebug | undefined, step: WriteStep): void {
  const block = BLOCK_FILE.exec(step.path);
  if (!block || !OFFLINING.test(step.data)) return;
  if (step.env && step.errno === 'EBUSY') debug?.setUnmovable(Number(block[1]), true);
  if (step.result === 'ok') debug?.setUnmovable(Number(block[1]), false);
}

export function imposeOnRun(debug: MachineDebug | undefined, step: RunStep): void {
  if (!step.env) return;
  for (const pattern of BUSY_BLOCKS) {
    for (const [, block] of (step.stderr ?? '').matchAll(pattern))
      debug?.setUnmovable(Number(block), true);
  }
}
