/**
 * The CXL side of a description with its defaults: devices, bridges, windows, regions.
 */
import { CAPACITY_MULTIPLE } from '../../cxl/address/interleave.ts';
import { totalCapacity } from '../../cxl/objects/partition.ts';
import type { AccessCoordinates } from '../../mm/config.ts';
import { largest, roundUp } from '../../units.ts';
import { bridgeDecoders, rootPorts } from './pci-tree.ts';
import type { RawDevice, RawMachine, RawRegion, RawWindow } from './schema.ts';
import type {
  DeviceDescription,
  HostBridgeDescription,
  NodeDescription,
  RegionDescription,
  WindowDescription,
  WindowRestriction,
} from './types.ts';
import { devicesBelow } from './types.ts';

const FIRST_SERIAL = 0x1000n;
const DEFAULT_PERFORMANCE: AccessCoordinates = {
  readLatency: 150,
  writeLatency: 250,
  readBandwidth: 16000,
  writeBandwidth: 16000,
};
const DEFAULT_RESTRICTIONS: readonly WindowRestriction[] = [
  'type2',
  'type3',
  'volatile',
  'persistent',
  'back_invalidate',
];

function resolvePerformance(raw: RawDevice['performance']): AccessCoordinates | undefined {
  if (raw === 'none') return undefined;
  return {
    readLatency: raw?.read_latency ?? DEFAULT_PERFORMANCE.readLatency,
    writeLatency: raw?.write_latency ?? DEFAULT_PERFORMANCE.writeLatency,
    readBandwidth: raw?.read_bandwidth ?? DEFAULT_PERFORMANCE.readBandwidth,
    writeBandwidth: raw?.write_bandwidth ?? DEFAULT_PERFORMANCE.writeBandwidth,
  };
}

function resolveDevice(
  name: string,
  raw: RawDevice,
  index: number,
  pci: string,
): DeviceDescription {
  return {
    name,
    pci,
    serial: raw.serial ?? FIRST_SERIAL + BigInt(index),
    capacity: { ram: raw.ram ?? 0, pmem: raw.pmem ?? 0, dynamic_ram_a: raw.dynamic_ram_a ?? 0 },
    labelStorageSize: raw.label_storage_size ?? 0,
    partitionAlignment: raw.partition_alignment ?? 0,
    firmwareVersion: raw.firmware_version ?? 'BWFW VERSION 00',
    payloadMax: raw.payload_max ?? 2048,
    numaNode: raw.numa_node ?? -1,
    decoders: raw.decoders ?? 4,
    performance: resolvePerformance(raw.performance),
    mem: raw.mem,
    endpoint: raw.endpoint,
    shared: raw.shared,
  };
}

const FIRST_UID = 12;

/** `_UID` of the bridge at `index`: as written, else 12, 13, ... */
export function bridgeUid(raw: { uid?: number | undefined }, index: number): number {
  return raw.uid ?? FIRST_UID + index;
}

export function resolveBridges(raw: RawMachine): HostBridgeDescription[] {
  const devices = new Map(
    Object.entries(raw.devices ?? {}).map(([name, device], place) => [name, { device, place }]),
  );
  return (raw.host_bridges ?? [])
    .map((bridge, index) => {
      const pci = bridge.pci ?? `0000:${(0x0c + 0x10 * index).toString(16).padStart(2, '0')}`;
      return {
        uid: bridgeUid(bridge, index),
        pci,
        acpi: bridge.acpi ?? `ACPI0016:${index.toString(16).toUpperCase().padStart(2, '0')}`,
        decoders: bridgeDecoders(bridge),
        genericPort: bridge.generic_port,
        rootPorts: rootPorts(bridge, pci, (name, at) => {
          const found = devices.get(name);
          return found === undefined
            ? undefined
            : resolveDevice(name, found.device, found.place, at);
        }),
      };
    })
    .sort((left, right) => (left.acpi < right.acpi ? -1 : 1));
}

function capacityBelow(
  bridges: readonly HostBridgeDescription[],
  targets: readonly number[],
): number {
  let total = 0;
  for (const bridge of bridges.filter(({ uid }) => targets.includes(uid))) {
    for (const { capacity } of devicesBelow(bridge.rootPorts)) total += totalCapacity(capacity);
  }
  return total;
}

/** A window for each host bridge, if the description says nothing else. */
function defaultWindows(bridges: readonly HostBridgeDescription[]): RawWindow[] {
  return [...bridges]
    .sort((left, right) => left.uid - right.uid)
    .map(({ uid }) => ({ targets: [uid] }));
}

/**
 * Windows one after the other above the memory, 256 MiB left free for the bridges' registers; each
 * has a NUMA node of its own, as firmware with one proximity domain a window gives.
 */
export function resolveWindows(
  raw: RawMachine,
  nodes: readonly NodeDescription[],
  bridges: readonly HostBridgeDescription[],
): WindowDescription[] {
  const windows: WindowDescription[] = [];
  const memoryEnd = largest(
    nodes.flatMap(({ memory }) => memory.map(({ start, size }) => start + size)),
    0,
  );
  let next = roundUp(Math.max(memoryEnd, 2 ** 32), CAPACITY_MULTIPLE) + CAPACITY_MULTIPLE;
  const lastNode = largest(
    nodes.map(({ id }) => id),
    -1,
  );
  for (const [index, window] of (raw.windows ?? defaultWindows(bridges)).entries()) {
    const ways = window.ways ?? window.targets.length;
    const needed = capacityBelow(bridges, window.targets);
    const start = window.base ?? next;
    const size = window.size ?? roundUp(Math.max(needed, 1), CAPACITY_MULTIPLE * Math.max(ways, 1));
    next = Math.max(next, roundUp(start + size, CAPACITY_MULTIPLE));
    windows.push({
      start,
      size,
      ways,
      granularity: window.granularity ?? 256,
      arithmetic: window.arithmetic ?? 'modulo',
      restrictions: new Set(window.restrictions ?? DEFAULT_RESTRICTIONS),
      qosClass: window.qos_class ?? 0,
      targets: window.targets,
      node: window.node ?? lastNode + 1 + index,
      xorMaps: window.xor_maps ?? [],
    });
  }
  return windows;
}

function capacityOf(region: RawRegion, devices: ReadonlyMap<string, DeviceDescription>): number {
  const type = region.type ?? 'ram';
  const sizes = region.devices.map((name) => devices.get(name)?.capacity[type] ?? 0);
  return Math.min(...sizes) * sizes.length;
}

export function resolveRegions(
  raw: RawMachine,
  windows: readonly WindowDescription[],
  devices: readonly DeviceDescription[],
): RegionDescription[] {
  const byName = new Map(devices.map((device) => [device.name, device]));
  return (raw.regions ?? []).map((region) => ({
    window: region.window ?? 0,
    type: region.type ?? 'ram',
    granularity: region.granularity ?? windows[region.window ?? 0]?.granularity ?? 256,
    devices: region.devices,
    size: region.size ?? capacityOf(region, byName),
    driver: region.driver === 'none' ? undefined : region.driver,
    firmware: region.firmware ?? false,
  }));
}
