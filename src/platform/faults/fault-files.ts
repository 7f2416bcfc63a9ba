/**
 * `/sys/kernel/debug/cxlbox/fault`: what goes wrong in this machine on purpose (docs/faults.md).
 */
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import { CXLBOX_DEBUGFS } from '../debugfs.ts';
import type { FaultList } from './fault-list.ts';

/** A line a fault: number, kind, parameters, how often it struck. */
function render(faults: FaultList): string {
  return [...faults.list()]
    .map(
      ([number, { kind, parameters, struck }]) =>
        `${number} ${kind} ${parameters} struck=${struck}\n`,
    )
    .join('');
}

/** Errors of `inject`: EINVAL, ENODEV, EEXIST, EBUSY; of `clear`: EINVAL, ENOENT. */
export function addFaultFiles(kernel: Kernel, faults: FaultList): void {
  const directory = kernel.directory(`${CXLBOX_DEBUGFS}/fault`);
  directory.add(new KernfsFile('inject', 0o200, { store: (text) => void faults.inject(text) }));
  directory.add(new KernfsFile('clear', 0o200, { store: (text) => faults.clear(text) }));
  directory.add(
    new KernfsFile('list', 0o400, { show: () => render(faults) }, { binary: true, size: 0 }),
  );
}
