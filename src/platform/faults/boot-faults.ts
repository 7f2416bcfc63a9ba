/**
 * The faults that a machine file lists: probes and memory hotplug go wrong from the start of the boot, what is lost or
 * poisoned is so at its end.
 */

import { injectPoison } from '../../cxl/memdev/poison.ts';
import type { CxlSubsystem } from '../../cxl/subsystem.ts';
import { FAULT_INJECT } from '../../cxlbox-abi/fault.ts';
import type { FaultDescription, MachineDescription } from '../description/types.ts';
import { parametersText } from './fault-line.ts';
import type { FaultList } from './fault-list.ts';

type OtherThanPoison = Exclude<FaultDescription, { readonly kind: 'poison' }>;

/** What `inject` would be told. */
export function faultText(fault: OtherThanPoison): string {
  if (fault.kind === 'removal' || fault.kind === 'link-down') return `${fault.kind} ${fault.pci}`;
  if (fault.kind === 'slow-online') return `slow-online milliseconds=${fault.milliseconds}`;
  const { errno, times, skip } = fault;
  const limits = [
    ['errno', errno],
    ['times', times],
    ['skip', skip],
  ] as const;
  return fault.kind === 'probe'
    ? `probe ${fault.driver} ${parametersText([['device', fault.device], ...limits])}`
    : `hotplug ${parametersText([['step', fault.step], ...limits])}`;
}

/** Those of one kind, in the order of the file. Throws what `inject` throws. */
export function injectBootFaults(
  faults: FaultList,
  description: MachineDescription,
  kinds: readonly OtherThanPoison['kind'][],
): void {
  for (const fault of description.faults) {
    if (fault.kind !== 'poison' && kinds.includes(fault.kind))
      faults.inject(FAULT_INJECT.parse(faultText(fault)));
  }
}

/** The kernel hears of it where it has a memory device; else it is in the media all the same. */
export function poisonAtBoot(
  { memdevs, pci }: CxlSubsystem,
  description: MachineDescription,
): void {
  for (const fault of description.faults) {
    if (fault.kind !== 'poison') continue;
    const memdev = [...memdevs.values()].find(
      ({ hardware }) => hardware.config.address === fault.pci,
    );
    if (memdev === undefined) pci.functionAt(fault.pci)?.memory?.poison.add(fault.dpa);
    else injectPoison(memdev, BigInt(fault.dpa));
  }
}
