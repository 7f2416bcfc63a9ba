/**
 * The poison that a machine file lists: it is there at the end of the boot.
 */
import { injectPoison } from '../../cxl/memdev/poison.ts';
import type { CxlSubsystem } from '../../cxl/subsystem.ts';
import type { FaultRequest } from '../../cxlbox-abi/fault.ts';
import { POISON_FAULT } from './kinds/poison.ts';

/**
 * The kernel is told if it has a memory device there; without one, the media are poisoned
 * nevertheless.
 */
export function poisonAtBoot({ memdevs, pci }: CxlSubsystem, asked: readonly FaultRequest[]): void {
  for (const { kind, operands, options } of asked) {
    if (kind !== POISON_FAULT.name) continue;
    const [address = ''] = operands;
    const dpa = Number(options.get('dpa') ?? 0);
    const memdev = [...memdevs.values()].find(
      ({ hardware }) => hardware.config.address === address,
    );
    if (memdev === undefined) pci.functionAt(address)?.memory?.poison.add(dpa);
    else injectPoison(memdev, BigInt(dpa));
  }
}
