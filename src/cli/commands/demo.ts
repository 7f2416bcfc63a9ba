import { fileURLToPath } from 'node:url';
import { runInBox } from '../../box/index.ts';
import { loadMachine } from '../../machine-files/load.ts';

/** Opens a box of the default machine and runs examples/demo.sh in it. */
export function demo(): Promise<number> {
  const script = fileURLToPath(new URL('../../../examples/demo.sh', import.meta.url));
  const cli = fileURLToPath(new URL('../../../bin/cxlbox.js', import.meta.url));
  return runInBox({ machine: () => loadMachine('default'), command: ['sh', script, process.execPath, cli] });
}
