/**
 * Outcomes that depend on what the recorded kernel had allocated where. A replay cannot derive
 * them: before such a step it records in the machine which memory block holds a page that cannot be
 * moved.
 */
import type { MachineDebug } from '../platform/machine.ts';
import type { ToolWrite } from './trace.ts';

const BLOCK_FILE = /\/memory(\d+)\/(?:state|online)$/;
const OFFLINING = /^(?:offline|0|n|off)/i;

export function imposeOnWrite(debug: MachineDebug | undefined, step: ToolWrite): void {
  const block = BLOCK_FILE.exec(step.path);
  if (!block || !OFFLINING.test(step.data)) return;
  if (step.env && step.errno === 'EBUSY') debug?.setUnmovable(Number(block[1]), true);
  if (step.result === 'ok') debug?.setUnmovable(Number(block[1]), false);
}
