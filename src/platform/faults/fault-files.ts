/**
 * The files of faults in debugfs: what goes wrong in this machine on purpose (docs/faults.md).
 */
import { addBoxFile } from '../../cxlbox-abi/box-file.ts';
import { FAULT_CLEAR, FAULT_INJECT, FAULT_LIST } from '../../cxlbox-abi/fault.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { FaultList } from './fault-list.ts';

/** Errors of `inject`: EINVAL, ENODEV, EEXIST, EBUSY; of `clear`: EINVAL, ENOENT. */
export function addFaultFiles({ root }: Kernel, faults: FaultList): void {
  addBoxFile(root, FAULT_INJECT, { store: (request) => void faults.inject(request) });
  addBoxFile(root, FAULT_CLEAR, { store: (which) => faults.clear(which) });
  addBoxFile(root, FAULT_LIST, { show: () => faults.list() });
}
