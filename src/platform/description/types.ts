/**
 * A machine before it boots, complete: every default is filled in and every reference was checked.
 * `parseMachine` makes one from YAML; the platform boots one. Addresses and sizes are bytes.
 */
import type { Capacity, PartitionMode } from '../../cxl/objects/partition.ts';
import type { FaultRequest } from '../../cxlbox-abi/fault.ts';
import type {
  AccessCoordinates,
  BootZone,
  MemmapOnMemory,
  MemoryRange,
  MemorySideCache,
  NodePerformance,
  OnlinePolicy,
} from '../../mm/config.ts';
import type { OnlineType } from '../../mm/hotplug/online-type.ts';
import type { AbiProfile } from '../profiles/index.ts';

/** What the firmware and the kernel command line say. */
export interface BootOptions {
  /** CONFIG_MHP_DEFAULT_ONLINE_TYPE or `memhp_default_state=`. */
  readonly autoOnlineBlocks: OnlineType;
  /** `memory_hotplug.memmap_on_memory=` */
  readonly memmapOnMemory: MemmapOnMemory;
  /** `memory_hotplug.online_policy=` */
  readonly onlinePolicy: OnlinePolicy;
  /** `memory_hotplug.auto_movable_ratio=`, percent. */
  readonly autoMovableRatio: number;
  /** `memory_hotplug.auto_movable_numa_aware=` */
  readonly autoMovableNumaAware: boolean;
  /** `movable_node` */
  readonly movableNode: boolean;
  /**
   * CPUID says that the machine is a guest: committing a region then fails (no cache invalidation).
   */
  readonly hypervisor: boolean;
  /** The modules loaded at boot; `builtin`: all of them, and they cannot be unloaded. */
  readonly modules: 'builtin' | readonly string[];
}

/** A NUMA node that is online at boot. Structurally an `MmNode`. */
export interface NodeDescription {
  readonly id: number;
  readonly cpus: readonly number[];
  readonly memory: readonly MemoryRange[];
  /** Exact zone figures, where known; absent: derived from the ranges. */
  readonly zones: readonly BootZone[] | undefined;
}

export const WINDOW_RESTRICTIONS = [
  'type2',
  'type3',
  'volatile',
  'persistent',
  'fixed',
  'back_invalidate',
] as const;
/**
 * A bit of the CFMWS restrictions: what the window may be used for; `fixed` forbids changing its
 * decoders.
 */
export type WindowRestriction = (typeof WINDOW_RESTRICTIONS)[number];

/** A CXL Fixed Memory Window (CFMWS), in table order: the n-th is decoder0.n. */
export interface WindowDescription extends MemoryRange {
  readonly ways: number;
  readonly granularity: number;
  readonly arithmetic: 'modulo' | 'xor';
  readonly restrictions: ReadonlySet<WindowRestriction>;
  /** QTG id, shown as qos_class. */
  readonly qosClass: number;
  /** `_UID`s of host bridges, in interleave order. */
  readonly targets: readonly number[];
  /** The NUMA node of all memory in the window. */
  readonly node: number;
  /** The interleave arithmetic's XOR maps (CXIMS), one per way bit; empty with modulo. */
  readonly xorMaps: readonly bigint[];
}

/**
 * Names that hosts have in common: of shared devices and of the hosts. They become names of files.
 * Not `memN`: where a shared device is named, that means a device of the box that it runs in.
 */
export const SHARED_NAME = /^(?!mem\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A type-3 memory device at one PCI function. */
export interface DeviceDescription {
  /** Unique; what regions and users call it. Not a kernel name. */
  readonly name: string;
  /** `0000:0d:00.0` */
  readonly pci: string;
  readonly serial: bigint;
  /** By partition, in order of DPA; each a multiple of 256 MiB, 0 for none. */
  readonly capacity: Capacity;
  readonly labelStorageSize: number;
  /** Unit in which volatile and persistent capacity can be traded; 0: both are fixed. */
  readonly partitionAlignment: number;
  readonly firmwareVersion: string;
  /** Mailbox payload, bytes. */
  readonly payloadMax: number;
  /** numa_node of the PCI function, -1 for none. */
  readonly numaNode: number;
  /** HDM decoders of the endpoint. */
  readonly decoders: number;
  /**
   * What the device's CDAT says, the same for all partitions. Latency ns, bandwidth MB/s; absent:
   * it has no CDAT.
   */
  readonly performance: AccessCoordinates | undefined;
  /** N of memN and of endpointN: the names this boot has to give. Absent: probe order decides. */
  readonly mem: number | undefined;
  readonly endpoint: number | undefined;
  /**
   * What the device is called among the hosts that have it in common; absent: it is this machine's
   * alone.
   */
  readonly shared: string | undefined;
}

/** A downstream port of a switch, or a root port of a host bridge, and what is plugged in. */
export interface DownstreamPortDescription {
  /** PCIe port number: the N of the link dportN. */
  readonly id: number;
  /** `0000:0c:00.0` */
  readonly pci: string;
  readonly below: DeviceDescription | SwitchDescription | undefined;
}

/** A CXL switch. */
export interface SwitchDescription {
  /** The upstream port's function. */
  readonly pci: string;
  /** HDM decoders of the switch port; 0: no HDM capability, one passthrough decoder. */
  readonly decoders: number;
  readonly ports: readonly DownstreamPortDescription[];
}

/** A CXL host bridge (ACPI0016 with a CHBS entry), in ACPI order: the first becomes port1. */
export interface HostBridgeDescription {
  readonly uid: number;
  /** PCI domain and bus, `0000:0c`; its device is `pci0000:0c`. */
  readonly pci: string;
  /** `ACPI0016:00` */
  readonly acpi: string;
  /**
   * HDM decoders of the host bridge; 0: no HDM capability, one passthrough decoder (one root port
   * only).
   */
  readonly decoders: number;
  /**
   * Node of the firmware's generic port (SRAT): with it QoS classes and access coordinates are
   * known.
   */
  readonly genericPort: number | undefined;
  readonly rootPorts: readonly DownstreamPortDescription[];
}

/** The firmware's table of memory performance (ACPI HMAT). Latency ns, bandwidth MB/s. */
export interface HmatDescription {
  readonly performance: readonly NodePerformance[];
  readonly localInitiators: readonly { readonly target: number; readonly initiator: number }[];
  readonly memorySideCaches: readonly MemorySideCache[];
}

/** A region that exists when the boot is done. Regions are made in list order. */
export interface RegionDescription {
  /** Index into `windows`. */
  readonly window: number;
  readonly type: PartitionMode;
  readonly granularity: number;
  /** Names of the devices, in target order; their count is the interleave ways. */
  readonly devices: readonly string[];
  readonly size: number;
  /**
   * The driver of the bus `cxl` that it is bound to at the end of the boot. Firmware regions: what
   * auto-attach gives.
   */
  readonly driver: string | undefined;
  /**
   * True: committed by the firmware, found by the kernel. False: made by writes during boot, as
   * `cxl create-region` does.
   */
  readonly firmware: boolean;
}

/** How a box serves dax devices: see docs/dax-memory.md. */
export const DAX_MEMORY_MODES = ['direct', 'checked'] as const;
/** `direct`: mapped memory; `checked`: served page by page, with the errors of hardware. */
export type DaxMemoryMode = (typeof DAX_MEMORY_MODES)[number];

/**
 * A machine before it boots: what {@link loadMachine} and {@link parseMachine} give and {@link
 * boot} takes. Complete: every default is filled in, every reference was checked. Sizes and
 * addresses are bytes. To change a machine, spread it: `boot({ ...machine, physicalAddressBits: 40
 * })`.
 */
export interface MachineDescription {
  /** The named machine or the file's base name. */
  readonly name: string;
  readonly about: string;
  readonly abi: AbiProfile;
  readonly boot: BootOptions;
  /** Bytes; a power of two, at least 128 MiB. */
  readonly memoryBlockSize: number;
  /** End of the mappable physical range, as a power of two; absent: 46. */
  readonly physicalAddressBits: number | undefined;
  /** Ordered by id. */
  readonly nodes: readonly NodeDescription[];
  /** All node ids that can ever be, ascending: nodes, window nodes and those listed. */
  readonly possibleNodes: readonly number[];
  /** SLIT by node id; absent rows and entries: 10 to itself, 20 to others. */
  readonly distances: readonly (readonly number[])[];
  /** The `System RAM` lines of /proc/iomem. */
  readonly systemRam: readonly MemoryRange[];
  readonly hmat: HmatDescription | undefined;
  readonly windows: readonly WindowDescription[];
  readonly hostBridges: readonly HostBridgeDescription[];
  readonly regions: readonly RegionDescription[];
  /**
   * What is wrong with it from its boot on, in the order of the file. Devices are PCI addresses.
   */
  readonly faults: readonly FaultRequest[];
  readonly daxMemory: DaxMemoryMode;
  /** A folder where the contents of the memory devices persist; absent: they end with the box. */
  readonly media: string | undefined;
  /**
   * What other hosts call the machine, if it has shared devices; absent: the lowest free of host0,
   * host1, ...
   */
  readonly host: string | undefined;
}

export function isSwitch(below: DeviceDescription | SwitchDescription): below is SwitchDescription {
  return 'ports' in below;
}

/** All memory devices below a list of downstream ports, depth first. */
export function* devicesBelow(
  ports: readonly DownstreamPortDescription[],
): Iterable<DeviceDescription> {
  for (const { below } of ports) {
    if (below === undefined) continue;
    if (isSwitch(below)) yield* devicesBelow(below.ports);
    else yield below;
  }
}

/** All memory devices of the machine, depth first. */
export function devicesOf(description: MachineDescription): DeviceDescription[] {
  return description.hostBridges.flatMap((bridge) => [...devicesBelow(bridge.rootPorts)]);
}
