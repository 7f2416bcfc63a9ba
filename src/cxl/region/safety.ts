/**
 * Where Linux 7.2 brings itself down: decoders of memory that holds the kernel's own data are
 * reset, or memory that no decoder routes is given to the kernel. The recorded kernel panics a
 * moment after the write; the model refuses the write instead and its log says why
 * (docs/safety.md).
 */
import { KernelError } from '../../errno.ts';
import type { BlockGoingOnline } from '../../mm/hotplug/context.ts';
import type { PciFunction } from '../buses/pci-function.ts';
import { memoryDevicesBelow } from '../config.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { Region } from '../objects/region.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { portsUpward } from './topology.ts';

/**
 * EBUSY while memory blocks of the region are online in a kernel zone. The decoders of a locked
 * region are never reset, so that its memory outlives it.
 */
export function refuseWhileKernelMemory(region: Region, operation: string): void {
  const { resource } = region;
  if (resource === undefined || !region.committed || region.locked) return;
  const { kernel, mm } = region.context;
  if (!mm.hotplug.hasOnlineKernelMemory(resource.start, region.size)) return;
  const text = `${operation} of ${region.name} refused: blocks of it are online in a kernel zone, Linux would crash; offline them first`;
  kernel.log.print('warn', text);
  throw new KernelError('EBUSY', text);
}

/**
 * EBUSY if one of the decoders that `leaves` tells is a target of a region whose memory the kernel
 * uses.
 */
export function refuseDetachUnderKernelMemory(
  subsystem: CxlSubsystem,
  what: string,
  leaves: (decoder: EndpointDecoder) => boolean,
): void {
  for (const root of subsystem.rootDecoders) {
    for (const region of root.regions.values())
      if (region.attached().some(leaves))
        refuseWhileKernelMemory(region, `${what}: detaching the targets`);
  }
}

/**
 * True if the decoder is reached through the object: its memory device, a port on the way, or the
 * PCI function of one.
 */
export function isBelow(decoder: EndpointDecoder, object: unknown): boolean {
  const { memdev } = decoder.port;
  if (memdev === object || portsUpward(decoder).some((port) => port === object)) return true;
  for (let device = memdev?.device?.parent; device !== undefined; device = device.parent)
    if (device.object === object) return true;
  return false;
}

/**
 * EBUSY if the decoders of a memory device that is about to be lost route memory of the kernel,
 * whether a region is left or not: a lock bit keeps software from resetting decoders, but does not
 * keep a person from pulling the device out.
 */
export function refuseLossOfKernelMemory(
  { hardware, kernel, mm }: CxlSubsystem,
  what: string,
  lost: readonly PciFunction[],
): void {
  for (const { address } of lost) {
    for (const { committed, range } of hardware.registersOf(address)) {
      if (!committed || !mm.hotplug.hasOnlineKernelMemory(range.start, range.size)) continue;
      const text = `${what} refused: memory of ${address} is online in a kernel zone, Linux would crash; offline it first`;
      kernel.log.print('warn', text);
      throw new KernelError('EBUSY', text);
    }
  }
}

/**
 * A memory notifier. EBUSY: the block is in a CXL window, no committed decoder routes it, and it is
 * to hold data of the kernel. In the Movable zone it harms programs only, as on Linux.
 */
export function refuseUnroutedKernelMemory(
  { config, hardware, kernel }: CxlSubsystem,
  { id, start, size, kernelZone }: BlockGoingOnline,
): void {
  const inWindow = config.windows.some(
    (window) => start < window.base + window.size && window.base < start + size,
  );
  if (!kernelZone || !inWindow) return;
  for (const bridge of config.hostBridges) {
    for (const { address } of memoryDevicesBelow(bridge.rootPorts)) {
      for (const { committed, range } of hardware.registersOf(address))
        if (committed && range.start <= start && start + size <= range.start + range.size) return;
    }
  }
  const text = `onlining memory${id} in a kernel zone refused: no CXL decoder routes it any more, Linux would crash`;
  kernel.log.print('warn', text);
  throw new KernelError('EBUSY', text);
}
