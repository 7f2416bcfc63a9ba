/**
 * What the CXL side needs of a machine description.
 */
import type {
  CxlConfig,
  DownstreamPortConfig,
  FirmwareRegionConfig,
  HostBridgeConfig,
  MemoryDeviceConfig,
  PartitionConfig,
  SwitchConfig,
  WindowConfig,
} from '../cxl/config.ts';
import { PARTITION_MODES } from '../cxl/objects/partition.ts';
import type { AccessCoordinates } from '../mm/config.ts';
import type {
  DeviceDescription,
  DownstreamPortDescription,
  HostBridgeDescription,
  MachineDescription,
  RegionDescription,
  SwitchDescription,
  WindowDescription,
} from './description/types.ts';
import { devicesOf, isSwitch } from './description/types.ts';

export function cxlConfig(description: MachineDescription): CxlConfig {
  return {
    windows: description.windows.map(windowConfig),
    hostBridges: description.hostBridges.map((bridge) => hostBridgeConfig(description, bridge)),
    firmwareRegions: firmwareRegions(description),
  };
}

function windowConfig(window: WindowDescription): WindowConfig {
  const { restrictions } = window;
  return {
    base: window.start,
    size: window.size,
    targets: window.targets,
    granularity: window.granularity,
    capabilities: {
      ram: restrictions.has('volatile'),
      pmem: restrictions.has('persistent'),
      type2: restrictions.has('type2'),
      type3: restrictions.has('type3'),
    },
    fixed: restrictions.has('fixed'),
    qosClass: window.qosClass,
    xorMaps: window.xorMaps,
  };
}

function hostBridgeConfig(
  description: MachineDescription,
  bridge: HostBridgeDescription,
): HostBridgeConfig {
  const port = genericPort(description, bridge);
  return {
    uid: bridge.uid,
    acpiName: bridge.acpi,
    pciRoot: `pci${bridge.pci}`,
    decoders: bridge.decoders,
    genericPort: port,
    rootPorts: bridge.rootPorts.map((each) => downstreamPort(each)),
  };
}

/**
 * The figures of the firmware's tables from the nearest initiators to the generic port of the
 * bridge.
 */
function genericPort(
  description: MachineDescription,
  bridge: HostBridgeDescription,
): readonly [AccessCoordinates, AccessCoordinates] | undefined {
  if (bridge.genericPort === undefined) return undefined;
  const cells = (description.hmat?.performance ?? []).filter(
    (cell) => cell.target === bridge.genericPort,
  );
  const withProcessors = new Set(
    description.nodes.filter((node) => node.cpus.length > 0).map((node) => node.id),
  );
  const any = best(cells.map((cell) => cell.coordinates));
  const processors = best(
    cells.filter((cell) => withProcessors.has(cell.initiator)).map((cell) => cell.coordinates),
  );
  return any === undefined || processors === undefined ? undefined : [any, processors];
}

function best(coordinates: readonly AccessCoordinates[]): AccessCoordinates | undefined {
  if (coordinates.length === 0) return undefined;
  return {
    readLatency: Math.min(...coordinates.map((each) => each.readLatency)),
    writeLatency: Math.min(...coordinates.map((each) => each.writeLatency)),
    readBandwidth: Math.max(...coordinates.map((each) => each.readBandwidth)),
    writeBandwidth: Math.max(...coordinates.map((each) => each.writeBandwidth)),
  };
}

function downstreamPort(port: DownstreamPortDescription): DownstreamPortConfig {
  const { below } = port;
  const plugged =
    below === undefined ? undefined : isSwitch(below) ? switchConfig(below) : memoryDevice(below);
  return { address: port.pci, portNumber: port.id, below: plugged };
}

function switchConfig(description: SwitchDescription): SwitchConfig {
  const { pci: address, decoders, ports } = description;
  return {
    kind: 'switch',
    address,
    decoders,
    downstream: ports.map((each) => downstreamPort(each)),
  };
}

function memoryDevice(device: DeviceDescription): MemoryDeviceConfig {
  const { performance, capacity } = device;
  const partitions = PARTITION_MODES.filter((mode) => capacity[mode] > 0).map(
    (mode): PartitionConfig => ({ mode, size: capacity[mode], performance }),
  );
  return {
    kind: 'memory',
    address: device.pci,
    serial: device.serial,
    partitions,
    decoders: device.decoders,
    labelStorageSize: device.labelStorageSize,
    partitionAlignment: device.partitionAlignment,
    firmwareVersion: device.firmwareVersion,
    payloadMax: device.payloadMax,
    numaNode: device.numaNode,
    memId: device.mem,
    endpointId: device.endpoint,
  };
}

/** Firmware places its regions of a window one after the other, from the start of the window. */
function firmwareRegions(description: MachineDescription): FirmwareRegionConfig[] {
  const addresses = new Map(devicesOf(description).map((device) => [device.name, device.pci]));
  const next = new Map<number, number>();
  const regions: FirmwareRegionConfig[] = [];
  for (const region of description.regions) {
    const window = description.windows[region.window];
    if (!region.firmware || window === undefined) continue;
    const start = next.get(region.window) ?? window.start;
    next.set(region.window, start + region.size);
    regions.push(firmwareRegion(region, start, addresses));
  }
  return regions.sort((a, b) => a.start - b.start);
}

function firmwareRegion(
  region: RegionDescription,
  start: number,
  addresses: ReadonlyMap<string, string>,
): FirmwareRegionConfig {
  const members = region.devices.map((name) => addresses.get(name) ?? '');
  return { start, size: region.size, granularity: region.granularity, mode: region.type, members };
}
