/**
 * `removal DEVICE` and `link-down PORT`: what a machine loses without having been asked.
 */

import type { PciFunction } from '../../cxl/buses/pci-function.ts';
import { bringLinkUp, plugIn, pullOut, takeLinkDown } from '../../cxl/firmware/hot-unplug.ts';
import type { CxlSubsystem } from '../../cxl/subsystem.ts';
import { KernelError } from '../../errno.ts';
import type { MakeFault } from './fault-list.ts';

/** The function of `memN`, or at a PCI address. ENODEV: there is none. */
function functionOf({ pci, memdevs }: CxlSubsystem, name: string): PciFunction {
  const memdev = [...memdevs.values()].find((each) => each.name === name);
  const found = pci.functionAt(memdev?.hardware.config.address ?? name);
  if (found === undefined)
    throw new KernelError(
      'ENODEV',
      `no memory device '${name}', and no PCI function at such an address`,
    );
  return found;
}

/** ENODEV: no such device; EINVAL, EEXIST, EBUSY: see pullOut(). */
export function removals(subsystem: CxlSubsystem): MakeFault {
  return (line) => {
    line.expect([], 1);
    const device = functionOf(subsystem, line.operand);
    pullOut(subsystem, device);
    return {
      kind: 'removal',
      parameters: device.address,
      struck: 1,
      clear: () => plugIn(subsystem, device),
    };
  };
}

/** A port, or the one that a memory device is below. */
function portOf(subsystem: CxlSubsystem, name: string): PciFunction {
  const found = functionOf(subsystem, name);
  return found.role === 'memory' ? (subsystem.pci.parentOf(found) ?? found) : found;
}

/** ENODEV: no such port or device; EINVAL, EEXIST, EBUSY: see takeLinkDown(). */
export function linksDown(subsystem: CxlSubsystem): MakeFault {
  return (line) => {
    line.expect([], 1);
    const port = portOf(subsystem, line.operand);
    takeLinkDown(subsystem, port);
    return {
      kind: 'link-down',
      parameters: port.address,
      struck: 1,
      clear: () => bringLinkUp(subsystem, port),
    };
  };
}
