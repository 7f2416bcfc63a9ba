/**
 * The driver `cxl_mem` (`drivers/cxl/mem.c`, 7.2): connects a memory device to the CXL topology.
 */
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { addMemdevDebugfs } from '../memdev/debugfs.ts';
import { POISON_LIST_GROUP } from '../memdev/poison.ts';
import { addNvdimm } from '../nvdimm/nvdimm.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import { Memdev } from '../objects/memdev.ts';
import { type Dport, Port } from '../objects/port.ts';
import { deviceCdat } from '../port/cdat.ts';
import { addPort, removePort } from '../port/device.ts';
import { detachFromPorts, enumeratePorts } from '../port/enumeration.ts';
import { isBelow, refuseDetachUnderKernelMemory } from '../region/safety.ts';
import type { CxlSubsystem } from '../subsystem.ts';

function memdevOf(device: Device): Memdev {
  if (device.object instanceof Memdev) return device.object;
  throw new KernelError('ENODEV', `${device.name} is not a memory device`);
}

export function cxlMemDriver(subsystem: CxlSubsystem, module: string | undefined): CxlDriver {
  return {
    name: 'cxl_mem',
    id: CXL_DEVICE_ID.memdev,
    module,
    deviceGroups: [POISON_LIST_GROUP],
    probe: (device) => probe(subsystem, device, memdevOf(device)),
    assertReleasable: ({ name, object }) =>
      refuseDetachUnderKernelMemory(subsystem, `unbinding ${name}`, (decoder) =>
        isBelow(decoder, object),
      ),
  };
}

/**
 * EBUSY: a detach is pending. ENXIO: no way to the root, or a port on it has no driver. ENODEV:
 * persistent capacity but no nvdimm bridge, and then its ram stays unusable as well.
 */
function probe(subsystem: CxlSubsystem, device: Device, memdev: Memdev): void {
  if (memdev.detachPending) throw new KernelError('EBUSY', `${memdev.name}: a detach is pending`);
  addMemdevDebugfs(memdev, device);
  device.devres.add('ports', () => detachFromPorts(subsystem, memdev));
  const dport = enumeratePorts(subsystem, memdev);
  if (memdev.partition('pmem') !== undefined) addNvdimm(subsystem, memdev, device);
  const host = dport.port.device;
  if (host?.driver === undefined)
    throw new KernelError('ENXIO', `${dport.port.name} is not bound to a driver`);
  addEndpoint(subsystem, memdev, device, dport, host);
}

/**
 * devm_cxl_add_endpoint(): held by the parent port, and deleted ahead of it when the memdev is
 * unbound.
 */
function addEndpoint(
  subsystem: CxlSubsystem,
  memdev: Memdev,
  device: Device,
  dport: Dport,
  host: Device,
): void {
  const port = new Port('endpoint', subsystem.portIds.allocate(), device, dport);
  port.memdev = memdev;
  port.cdat = deviceCdat(memdev.hardware.layout);
  memdev.endpoint = port;
  device.devres.add(port.name, () => {
    removePort(port);
    memdev.endpoint = undefined;
  });
  const added = addPort(subsystem, port, host);
  if (added.driver === undefined) throw new KernelError('ENXIO', `${port.name} has no driver`);
}
