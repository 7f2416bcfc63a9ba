import { join } from 'node:path';
import { packageRoot } from '../../machine-files/package-root.ts';
import { run } from '../run/action.ts';

/** Opens a box of the default machine and runs examples/demo.sh in it. */
export function demo(): Promise<number> {
  const root = packageRoot();
  const script = join(root, 'examples', 'demo.sh');
  return run(['sh', script, process.execPath, join(root, 'bin', 'cxlbox.js')], {
    machine: 'default',
  });
}
