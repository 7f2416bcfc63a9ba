import type { PciFunction } from '../../cxl/buses/pci-function.ts';
import type { CxlSubsystem } from '../../cxl/subsystem.ts';
import { KernelError } from '../../errno.ts';

/** The PCI function of `memN`, or at a PCI address. ENODEV: there is none. */
export function functionNamed({ pci, memdevs }: CxlSubsystem, name: string): PciFunction {
  const memdev = [...memdevs.values()].find((each) => each.name === name);
  const found = pci.functionAt(memdev?.hardware.config.address ?? name);
  if (found === undefined)
    throw new KernelError(
      'ENODEV',
      `no memory device '${name}', and no PCI function at such an address`,
    );
  return found;
}
