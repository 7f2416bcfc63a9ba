/**
 * Downstream ports. The first one of a host bridge or switch port brings the port's decoders with
 * it: ports are populated when the first memory device below them arrives (`cxl_port_add_dport`,
 * 7.2). The decoders then stay until the port's driver is released, so that a port which lost its
 * only dport is not given the ids of its decoders twice.
 */

import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { linkTo } from '../../kernfs/node.ts';
import { PciFunction } from '../buses/pci-function.ts';
import { addSwitchDecoders } from '../decoder/device.ts';
import { Dport, type Port } from '../objects/port.ts';
import { PORT_FILES } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';

/** Adds a dport with its link, held by `host`. EBUSY: the id is taken. */
export function addDport(port: Port, id: number, device: Device, host: Device): Dport {
  if (port.dports.has(id)) throw new KernelError('EBUSY', `${port.name} has a dport ${id} already`);
  const dport = new Dport(port, id, device);
  port.dports.set(id, dport);
  if (device.directory !== undefined)
    port.device?.directory?.add(linkTo(`dport${id}`, device.directory, PORT_FILES));
  host.devres.add(`dport${id}`, () => removeDport(dport));
  return dport;
}

function removeDport(dport: Dport): void {
  const { port, id } = dport;
  if (port.dports.get(id) !== dport) return;
  port.dports.delete(id);
  for (const decoder of port.decoders)
    if (decoder.kind === 'switch')
      decoder.targets = decoder.targets.map((target) => (target === dport ? undefined : target));
  port.device?.directory?.remove(`dport${id}`);
}

/**
 * The dport of `port` for `device`, made if it is the first device to come through it. ENXIO: the
 * port is unbound.
 */
export function findOrAddDport(subsystem: CxlSubsystem, port: Port, device: Device): Dport {
  const known = [...port.dports.values()].find((each) => each.device === device);
  if (known !== undefined) return known;
  const host = port.device;
  if (host?.driver === undefined)
    throw new KernelError('ENXIO', `${port.name} is not bound to a driver`);
  const id = device.object instanceof PciFunction ? device.object.portNumber : 0;
  if (port.decoders.length === 0) addSwitchDecoders(subsystem, port);
  const dport = addDport(port, id, device, host);
  resolveTargets(dport);
  return dport;
}

/** Decoders whose register names the new dport can now show it in `target_list`. */
function resolveTargets(dport: Dport): void {
  for (const decoder of dport.port.decoders) {
    if (decoder.kind !== 'switch') continue;
    const ids = decoder.register?.targets ?? [dport.id];
    for (const [position, id] of ids.slice(0, decoder.interleaveWays).entries()) {
      if (id === dport.id) decoder.targets[position] ??= dport;
    }
  }
}

/**
 * A PCI function left for good: its dport goes, so that the function can come back as another
 * device.
 */
export function forgetDportDevice(subsystem: CxlSubsystem, device: Device): void {
  for (const port of subsystem.ports.values()) {
    for (const dport of port.dports.values()) if (dport.device === device) removeDport(dport);
  }
}
