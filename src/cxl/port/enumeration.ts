/**
 * From a memory device up to its host bridge: making the switch ports and dports that are missing,
 * and removing switch ports that lead nowhere any more (`devm_cxl_enumerate_ports`,
 * `cxl_detach_ep`, 7.2).
 */
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { PciFunction } from '../buses/pci-function.ts';
import { performanceOf } from '../config.ts';
import type { Memdev } from '../objects/memdev.ts';
import { type Dport, Port } from '../objects/port.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { switchCdat } from './cdat.ts';
import { addPort, removePort } from './device.ts';
import { findOrAddDport } from './dport.ts';

/** One step down: a component and its downstream function that leads to the memory device. */
interface Hop {
  readonly uport: Device;
  readonly downstream: Device;
}

/** From the host bridge down to the port that holds the memory device. */
function hopsTo(memdev: Memdev): Hop[] {
  const hops: Hop[] = [];
  let downstream = memdev.device?.parent?.parent;
  while (downstream?.parent !== undefined) {
    const uport: Device = downstream.parent;
    hops.unshift({ uport, downstream });
    downstream = uport.parent;
  }
  return hops;
}

/**
 * Makes what is missing between the host bridge and the device, top-most first. Returns the dport
 * that the endpoint hangs on. ENXIO: no host bridge port, or one of the ports has no driver.
 */
export function enumeratePorts(subsystem: CxlSubsystem, memdev: Memdev): Dport {
  let dport: Dport | undefined;
  for (const { uport, downstream } of hopsTo(memdev)) {
    const port: Port = subsystem.ports.get(uport) ?? addSwitchPort(subsystem, uport, dport);
    dport = findOrAddDport(subsystem, port, downstream);
    port.memdevs.add(memdev);
  }
  if (dport === undefined) throw new KernelError('ENXIO', `${memdev.name} is below no host bridge`);
  return dport;
}

function addSwitchPort(
  subsystem: CxlSubsystem,
  uport: Device,
  parentDport: Dport | undefined,
): Port {
  const host = parentDport?.port.device;
  if (parentDport === undefined || host === undefined) {
    throw new KernelError('ENXIO', `no CXL port for ${uport.name}`);
  }
  const port = new Port('switch', subsystem.portIds.allocate(), uport, parentDport);
  if (uport.object instanceof PciFunction && uport.object.switchConfig !== undefined) {
    port.cdat = switchCdat(uport.object.switchConfig);
    port.switchPerformance = performanceOf(uport.object.switchConfig);
  }
  addPort(subsystem, port, host);
  return port;
}

/**
 * The memory device leaves its ports, bottom up; a switch port without any is deleted, a host
 * bridge port stays.
 */
export function detachFromPorts(subsystem: CxlSubsystem, memdev: Memdev): void {
  const ports = [...subsystem.ports.values()].filter((port) => port.memdevs.has(memdev));
  for (const port of ports.sort((a, b) => b.depth - a.depth)) {
    port.memdevs.delete(memdev);
    const emptied = port.kind === 'switch' && port.memdevs.size === 0;
    if (emptied && port.parent?.device?.driver !== undefined) removePort(port);
  }
}
