/**
 * Port devices: adding, links, removal (`devm_cxl_add_port`, `drivers/cxl/core/port.c`, 7.2).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { linkTo } from '../../kernfs/node.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import type { Port } from '../objects/port.ts';
import { PORT_FILES } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';

const PORT_TYPE: DeviceType<Port> = {
  name: 'cxl_port',
  source: PORT_FILES,
  groups: [
    identityGroup<Port>('cxl_port'),
    {
      attributes: [
        {
          name: 'decoders_committed',
          mode: 0o444,
          show: (port) => `${port.kind === 'root' ? 0 : port.commitEnd + 1}\n`,
        },
      ],
    },
  ],
};

/**
 * Adds the port's device; its driver binds at once. It is held by `host`'s managed resources. The
 * links `uport` and `parent_dport` come after the `add` event, as in the kernel.
 */
export function addPort(subsystem: CxlSubsystem, port: Port, host: Device): Device<Port> {
  const parent: Device | undefined = port.parent === undefined ? port.uport : port.parent.device;
  const device = new Device<Port>(subsystem.kernel, {
    name: port.name,
    object: port,
    parent,
    bus: subsystem.bus,
    type: PORT_TYPE,
  });
  port.device = device;
  const entry = host.devres.add(port.name, () => unregisterPort(subsystem, port));
  port.holder = { host, entry };
  device.add();
  link(device, 'uport', port.uport);
  if (port.parentDport !== undefined) link(device, 'parent_dport', port.parentDport.device);
  if (port.kind !== 'endpoint') subsystem.ports.set(port.uport, port);
  return device;
}

/** Removes the port ahead of its host. */
export function removePort(port: Port): void {
  port.holder?.host.devres.release(port.holder.entry);
}

function unregisterPort(subsystem: CxlSubsystem, port: Port): void {
  if (subsystem.ports.get(port.uport) === port) subsystem.ports.delete(port.uport);
  for (const name of ['parent_dport', 'uport']) port.device?.directory?.remove(name);
  port.device?.del();
  subsystem.portIds.free(port.id);
}

function link(device: Device, name: string, target: Device): void {
  if (target.directory !== undefined)
    device.directory?.add(linkTo(name, target.directory, PORT_FILES));
}
