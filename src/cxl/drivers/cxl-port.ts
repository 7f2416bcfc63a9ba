/**
 * The driver `cxl_port` (`drivers/cxl/port.c`, 7.2): host bridge, switch and endpoint ports.
 */

import { releaseDriver } from '../../driver-core/attach.ts';
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { addEndpointDecoders } from '../decoder/device.ts';
import { QOS_GROUPS } from '../memdev/attributes.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { Memdev } from '../objects/memdev.ts';
import { Port } from '../objects/port.ts';
import { endpointCoordinates } from '../port/coordinates.ts';
import { isBelow, refuseDetachUnderKernelMemory } from '../region/safety.ts';
import { CDAT_FILE } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';

function portOf(device: Device): Port {
  if (device.object instanceof Port) return device.object;
  throw new KernelError('ENODEV', `${device.name} is not a port`);
}

/** `CDAT`: there while bound, if the component has one. */
const CDAT_GROUP: AttributeGroup<Device> = {
  source: CDAT_FILE,
  attributes: [
    {
      name: 'CDAT',
      mode: 0o400,
      show: (device) => portOf(device).cdat ?? '',
      options: { binary: true, size: 0 },
    },
  ],
  visible: (device, attribute) => (portOf(device).cdat === undefined ? 0 : attribute.mode),
};

export function cxlPortDriver(subsystem: CxlSubsystem, module: string | undefined): CxlDriver {
  return {
    name: 'cxl_port',
    id: CXL_DEVICE_ID.port,
    module,
    deviceGroups: [CDAT_GROUP],
    assertReleasable: ({ name, object }) =>
      refuseDetachUnderKernelMemory(subsystem, `unbinding ${name}`, (decoder) =>
        isBelow(decoder, object),
      ),
    probe: (device) => {
      const port = portOf(device);
      if (port.memdev !== undefined) probeEndpoint(subsystem, port, port.memdev);
    },
  };
}

/** cxl_endpoint_port_probe() */
function probeEndpoint(subsystem: CxlSubsystem, port: Port, memdev: Memdev): void {
  port.device?.devres.add(`detach of ${memdev.name}`, () => scheduleDetach(memdev));
  port.commitEnd = -1;
  port.hdmEnd = -1;
  addEndpointDecoders(
    subsystem,
    port,
    subsystem.hardware.registersOf(memdev.hardware.config.address),
  );
  matchQosClasses(subsystem, memdev);
  for (const decoder of port.decoders) {
    if (decoder.kind === 'endpoint' && decoder.state === 'auto')
      subsystem.regions.addToAutoRegion(decoder);
  }
}

/** schedule_cxl_memdev_detach(): a memdev that lost its endpoint is unbound as well, later. */
function scheduleDetach(memdev: Memdev): void {
  const { device } = memdev;
  if (device === undefined) return;
  memdev.detachPending = true;
  device.kernel.work.schedule(`detach ${memdev.name}`, () => {
    memdev.detachPending = false;
    releaseDriver(device);
  });
}

/** cxl_qos_class_verify(): a class is shown if one of the windows has the same. */
function matchQosClasses(subsystem: CxlSubsystem, memdev: Memdev): void {
  const classes = new Set(subsystem.rootDecoders.map((root) => root.qosClass));
  memdev.qosClasses.clear();
  for (const { mode, qosClass = 0 } of memdev.hardware.layout) {
    const known = endpointCoordinates(memdev, mode, 0) !== undefined;
    if (known && classes.has(qosClass)) memdev.qosClasses.set(mode, qosClass);
  }
  for (const group of QOS_GROUPS) memdev.device?.updateGroup(group);
}
