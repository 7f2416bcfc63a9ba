/**
 * The driver `cxl_acpi` (`drivers/cxl/acpi.c`, 7.2): the root of the topology, made from the ACPI
 * tables.
 */
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { HostBridge } from '../buses/pci-bus.ts';
import type { PlatformDriver } from '../buses/platform-device.ts';
import { addRootDecoders } from '../decoder/root.ts';
import { addNvdimmBridge } from '../nvdimm/bridge.ts';
import { Port } from '../objects/port.ts';
import { addPort } from '../port/device.ts';
import { addDport } from '../port/dport.ts';
import { refuseDetachUnderKernelMemory } from '../region/safety.ts';
import type { CxlSubsystem } from '../subsystem.ts';

export const ACPI0017_MODALIAS = 'acpi:ACPI0017:';

export function cxlAcpiDriver(
  subsystem: CxlSubsystem,
  hostBridges: readonly HostBridge[],
  module: string | undefined,
): PlatformDriver {
  return {
    name: 'cxl_acpi',
    modalias: ACPI0017_MODALIAS,
    module,
    probe: (device) => probe(subsystem, hostBridges, device),
    assertReleasable: ({ name }) =>
      refuseDetachUnderKernelMemory(subsystem, `unbinding ${name}`, () => true),
  };
}

/** EBUSY: two host bridges have the same `_UID`. */
function probe(subsystem: CxlSubsystem, hostBridges: readonly HostBridge[], device: Device): void {
  const { kernel, bus } = subsystem;
  const root = new Port('root', subsystem.portIds.allocate(), device);
  subsystem.rootPort = root;
  device.devres.add('root port', () => {
    subsystem.rootPort = undefined;
  });
  addPort(subsystem, root, device);
  // Memdevs whose endpoints went are unbound by now on a real machine, where the work queue runs
  // beside us.
  device.devres.add('memdev detaches', () => kernel.work.settle());
  for (const { config, device: bridge } of hostBridges) {
    if (bridge === undefined) continue;
    kernel.log.print('info', `${bridge.name}: a host bridge with CXL`);
    addDport(root, config.uid, bridge, device).genericPort = config.genericPort;
  }
  addRootDecoders(subsystem, root, device);
  for (const { config } of hostBridges) addHostBridgePort(subsystem, root, config.uid, device);
  if (subsystem.rootDecoders.some((decoder) => decoder.capabilities.pmem))
    addNvdimmBridge(subsystem, root, device);
  kernel.work.schedule('rescan of the bus cxl', () => bus.rescanAll());
}

function addHostBridgePort(subsystem: CxlSubsystem, root: Port, uid: number, host: Device): void {
  const dport = root.dports.get(uid);
  if (dport === undefined) throw new KernelError('ENXIO', `no dport ${uid} below ${root.name}`);
  addPort(
    subsystem,
    new Port('host-bridge', subsystem.portIds.allocate(), dport.device, dport),
    host,
  );
}
