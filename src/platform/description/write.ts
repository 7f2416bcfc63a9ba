/**
 * From a complete description back to what a machine file holds, with every default written out:
 * parsing it gives the same machine.
 */
import { PARTITION_MODES } from '../../cxl/objects/partition.ts';
import type { FaultRequest } from '../../cxlbox-abi/fault.ts';
import { rangeList } from '../../kernfs/format.ts';
import type { AccessCoordinates } from '../../mm/config.ts';
import { exactSize } from '../../units.ts';
import type { FaultValue } from '../faults/declaration.ts';
import { FAULT_DECLARATIONS } from '../faults/kinds/index.ts';
import type {
  DeviceDescription,
  DownstreamPortDescription,
  HmatDescription,
  HostBridgeDescription,
  MachineDescription,
  NodeDescription,
  RegionDescription,
  WindowDescription,
} from './types.ts';
import { devicesOf, isSwitch } from './types.ts';

type Written = Readonly<Record<string, unknown>>;

/** Without the keys that have no value. */
function written(map: Written): Written {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function range({ start, size }: { readonly start: number; readonly size: number }): Written {
  return { base: hex(start), size: exactSize(size) };
}

function node(each: NodeDescription, distances: readonly number[] | undefined): Written {
  return written({
    id: each.id,
    cpus: rangeList(each.cpus),
    memory: each.memory.map(range),
    distances,
    zones: each.zones?.map(({ startPfn, ...zone }) => ({ ...zone, start_pfn: startPfn })),
  });
}

function window(each: WindowDescription): Written {
  return {
    ...range(each),
    ways: each.ways,
    granularity: each.granularity,
    arithmetic: each.arithmetic,
    restrictions: [...each.restrictions],
    qos_class: each.qosClass,
    targets: each.targets,
    node: each.node,
    xor_maps: each.xorMaps.map(hex),
  };
}

function port({ id, pci, below }: DownstreamPortDescription): Written {
  if (below === undefined) return { id, pci };
  if (!isSwitch(below)) return { id, pci, device: below.name, device_pci: below.pci };
  const inner = { pci: below.pci, decoders: below.decoders, ports: below.ports.map(port) };
  return { id, pci, switch: inner };
}

function bridge(each: HostBridgeDescription): Written {
  return written({
    uid: each.uid,
    pci: each.pci,
    acpi: each.acpi,
    decoders: each.decoders,
    generic_port: each.genericPort,
    root_ports: each.rootPorts.map(port),
  });
}

function performance(coordinates: AccessCoordinates | undefined): Written | 'none' {
  if (coordinates === undefined) return 'none';
  return {
    read_latency: coordinates.readLatency,
    write_latency: coordinates.writeLatency,
    read_bandwidth: coordinates.readBandwidth,
    write_bandwidth: coordinates.writeBandwidth,
  };
}

function device(each: DeviceDescription): Written {
  const capacity = PARTITION_MODES.map((mode) => [mode, exactSize(each.capacity[mode])]);
  return written({
    serial: hex(each.serial),
    ...Object.fromEntries(capacity),
    label_storage_size: each.labelStorageSize,
    partition_alignment: each.partitionAlignment,
    firmware_version: each.firmwareVersion,
    payload_max: each.payloadMax,
    numa_node: each.numaNode,
    decoders: each.decoders,
    performance: performance(each.performance),
    mem: each.mem,
    endpoint: each.endpoint,
    shared: each.shared,
  });
}

function region(each: RegionDescription): Written {
  const { driver = 'none', size, ...rest } = each;
  return { ...rest, size: exactSize(size), driver };
}

function hmat(each: HmatDescription): Written {
  const initiators = [...new Set(each.performance.map(({ initiator }) => initiator))];
  const targets = [...new Set(each.performance.map(({ target }) => target))];
  const figure = (name: keyof AccessCoordinates): number[][] =>
    initiators.map((_, row) =>
      targets.map(
        (__, column) => each.performance[row * targets.length + column]?.coordinates[name] ?? 0,
      ),
    );
  return {
    initiators,
    targets,
    read_latency: figure('readLatency'),
    write_latency: figure('writeLatency'),
    read_bandwidth: figure('readBandwidth'),
    write_bandwidth: figure('writeBandwidth'),
    local: Object.fromEntries(
      each.localInitiators.map(({ target, initiator }) => [target, initiator]),
    ),
    caches: each.memorySideCaches.map((cache) =>
      written({
        node: cache.nid,
        level: cache.level,
        size: exactSize(cache.size),
        line_size: cache.lineSize,
        indexing: cache.indexing,
        write_policy: cache.writePolicy,
        address_mode: cache.addressMode,
      }),
    ),
  };
}

/** As the machine file writes a value that `inject` is told as text. */
function faultValue(text: string, { type }: FaultValue, nameOf: (pci: string) => string): unknown {
  if (type === 'name') return nameOf(text);
  if (type === 'time') return `${text}ms`;
  if (type === 'number') return Number(text);
  return type === 'address' ? hex(Number(text)) : text;
}

function fault(request: FaultRequest, nameOf: (pci: string) => string): Written {
  const kind = FAULT_DECLARATIONS.find(({ name }) => name === request.kind);
  if (kind === undefined) return {};
  const { key, operand, options } = kind;
  const about = operand.keyed ? request.options.get(operand.key) : request.operands[0];
  return Object.fromEntries([
    ...(about === undefined ? [] : [[key, faultValue(about, operand.value, nameOf)]]),
    ...options.flatMap((option) => {
      const text = request.options.get(option.key);
      return text === undefined ? [] : [[option.key, faultValue(text, option.value, nameOf)]];
    }),
  ]);
}

/** Plain data, to be printed as YAML or JSON. */
export function machineFileOf(machine: MachineDescription): Written {
  const { boot } = machine;
  const devices = devicesOf(machine);
  const names = new Map(devices.map(({ pci, name }) => [pci, name]));
  const nameOf = (pci: string): string => names.get(pci) ?? pci;
  return written({
    about: machine.about,
    abi: machine.abi,
    boot: {
      auto_online_blocks: boot.autoOnlineBlocks,
      memmap_on_memory: boot.memmapOnMemory,
      online_policy: boot.onlinePolicy,
      auto_movable_ratio: boot.autoMovableRatio,
      auto_movable_numa_aware: boot.autoMovableNumaAware,
      movable_node: boot.movableNode,
      hypervisor: boot.hypervisor,
      modules: boot.modules,
    },
    memory_block_size: exactSize(machine.memoryBlockSize),
    physical_address_bits: machine.physicalAddressBits,
    nodes: machine.nodes.map((each) => node(each, machine.distances[each.id])),
    possible_nodes: rangeList(machine.possibleNodes),
    system_ram: machine.systemRam.map(range),
    hmat: machine.hmat && hmat(machine.hmat),
    windows: machine.windows.map(window),
    host_bridges: machine.hostBridges.map(bridge),
    devices: Object.fromEntries(devices.map((each) => [each.name, device(each)])),
    regions: machine.regions.map(region),
    faults: machine.faults.map((each) => fault(each, nameOf)),
    dax_memory: machine.daxMemory,
    media: machine.media,
    host: machine.host,
  });
}
