/**
 * Functions that leave without the kernel having asked for it: pulled out of their slot, or behind
 * a link that went down (`pciehp_unconfigure_device`, `drivers/pci/hotplug/pciehp_pci.c`, 7.2).
 * Either way they lose power or are reset, so that their decoders know nothing when they are back.
 */
import { KernelError } from '../../errno.ts';
import type { PciFunction } from '../buses/pci-function.ts';
import { refuseLossOfKernelMemory } from '../region/safety.ts';
import type { CxlSubsystem } from '../subsystem.ts';

function withAllBelow(functions: readonly PciFunction[]): PciFunction[] {
  return functions.flatMap((pci) => [pci, ...withAllBelow(pci.children)]);
}

function memoryOf(functions: readonly PciFunction[]): PciFunction[] {
  return withAllBelow(functions).filter(({ memory }) => memory !== undefined);
}

/** What all of them remember is gone. */
function losePower({ hardware }: CxlSubsystem, functions: readonly PciFunction[]): void {
  for (const { address, memory } of withAllBelow(functions)) {
    hardware.reset(address);
    memory?.losePower();
  }
}

function slotOf({ pci }: CxlSubsystem, device: PciFunction): PciFunction {
  const port = pci.parentOf(device);
  if (port !== undefined && device.role !== 'downstream') return port;
  throw new KernelError(
    'EINVAL',
    `${device.address} is a port: it cannot be pulled out, its link can go down`,
  );
}

/**
 * The device, with all below it, is pulled out of its slot. EINVAL: it is a port; EEXIST: it is
 * pulled out already; EBUSY: the kernel has data in its memory.
 */
export function pullOut(subsystem: CxlSubsystem, device: PciFunction): void {
  const { kernel, pci } = subsystem;
  const port = slotOf(subsystem, device);
  if (!device.plugged) throw new KernelError('EEXIST', `${device.address} is pulled out already`);
  refuseLossOfKernelMemory(subsystem, `pulling ${device.address} out`, memoryOf([device]));
  device.plugged = false;
  kernel.log.print(
    'info',
    `pcieport ${port.address}: pciehp: Slot(${port.portNumber}): Card not present`,
  );
  pci.loseBelow(port);
  losePower(subsystem, [device]);
}

/** The device is back in its slot: it arrives as a new device if the links above it are up. */
export function plugIn(subsystem: CxlSubsystem, device: PciFunction): void {
  const { kernel, pci } = subsystem;
  const port = slotOf(subsystem, device);
  device.plugged = true;
  kernel.log.print(
    'info',
    `pcieport ${port.address}: pciehp: Slot(${port.portNumber}): Card present`,
  );
  pci.findBelow(port);
}

/**
 * The link below a root or downstream port goes down. EINVAL: it is not such a port; EEXIST: it is
 * down already; EBUSY: the kernel has data in memory below it.
 */
export function takeLinkDown(subsystem: CxlSubsystem, port: PciFunction): void {
  const { kernel, pci } = subsystem;
  if (port.role !== 'root-port' && port.role !== 'downstream')
    throw new KernelError(
      'EINVAL',
      `${port.address} is neither a root port nor a downstream port of a switch`,
    );
  if (!port.linkUp) throw new KernelError('EEXIST', `the link of ${port.address} is down already`);
  refuseLossOfKernelMemory(
    subsystem,
    `taking the link of ${port.address} down`,
    memoryOf(port.children),
  );
  port.linkUp = false;
  kernel.log.print('info', `pcieport ${port.address}: pciehp: Slot(${port.portNumber}): Link Down`);
  pci.loseBelow(port);
  losePower(subsystem, port.children);
}

/** The link comes up, and what is below is found. */
export function bringLinkUp(subsystem: CxlSubsystem, port: PciFunction): void {
  const { kernel, pci } = subsystem;
  port.linkUp = true;
  kernel.log.print('info', `pcieport ${port.address}: pciehp: Slot(${port.portNumber}): Link Up`);
  pci.findBelow(port);
}
