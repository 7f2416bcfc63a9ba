/**
 * What the CXL side of a machine is made of: windows, host bridges, the PCI tree below them, memory
 * devices, and what firmware programmed before the kernel came. Plain data. Sizes and addresses in
 * bytes, latencies in ns, bandwidths in MB/s.
 */
import type { AccessCoordinates } from '../mm/config.ts';
import type { PartitionMode } from './objects/partition.ts';

export interface WindowCapabilities {
  readonly ram: boolean;
  readonly pmem: boolean;
  readonly type2: boolean;
  readonly type3: boolean;
}

/** A CFMWS entry of the ACPI CEDT; the n-th is decoder0.n. */
export interface WindowConfig {
  /** Host physical address; a multiple of 256 MiB, as is `size`. */
  readonly base: number;
  readonly size: number;
  /** `uid` of the host bridges in interleave order; their number is the window's ways. */
  readonly targets: readonly number[];
  readonly granularity: number;
  readonly capabilities: WindowCapabilities;
  /** The "fixed" bit: decoders and regions are locked. Default false. */
  readonly fixed?: boolean | undefined;
  /** QTG id. */
  readonly qosClass: number;
  /** XOR maps of the interleave arithmetic (CXIMS); absent or empty: modulo arithmetic. */
  readonly xorMaps?: readonly bigint[] | undefined;
}

/** An ACPI0016 device with its CHBS entry. Listed in bus order: the first becomes port1. */
export interface HostBridgeConfig {
  /** `_UID`; the dport id below the root. */
  readonly uid: number;
  /** Such as `ACPI0016:00`. */
  readonly acpiName: string;
  /** Such as `pci0000:0c`. */
  readonly pciRoot: string;
  /**
   * HDM decoders; 0: no HDM capability, so that a single root port gets everything (passthrough).
   */
  readonly decoders: number;
  /** Targets that each decoder can interleave over; default 8. */
  readonly slots?: number | undefined;
  /**
   * Figures up to this bridge by access class, if firmware describes a generic port; without, none
   * are known.
   */
  readonly genericPort?: readonly [AccessCoordinates, AccessCoordinates] | undefined;
  readonly rootPorts: readonly DownstreamPortConfig[];
}

/** A root port or a switch's downstream port. */
export interface DownstreamPortConfig {
  /** PCI address, such as `0000:0c:00.0`. */
  readonly address: string;
  /** PCIe port number; the dport id. */
  readonly portNumber: number;
  /** What is plugged in; absent for an empty slot. */
  readonly below?: SwitchConfig | MemoryDeviceConfig | undefined;
}

export interface SwitchPerformance {
  readonly latency: number;
  readonly bandwidth: number;
}

/** What QEMU's emulated switches tell. */
export const SWITCH_PERFORMANCE: SwitchPerformance = { latency: 150, bandwidth: 16384 };

/** Undefined if the switch does not tell. */
export function performanceOf({
  performance = SWITCH_PERFORMANCE,
}: SwitchConfig): SwitchPerformance | undefined {
  return performance === 'unknown' ? undefined : performance;
}

export interface SwitchConfig {
  readonly kind: 'switch';
  /** PCI address of the upstream function. */
  readonly address: string;
  /** HDM decoders; 0: no HDM capability. */
  readonly decoders: number;
  /** Default 8. */
  readonly slots?: number | undefined;
  /**
   * Through the switch, either way; told by its CDAT. Default: SWITCH_PERFORMANCE; `unknown`: it
   * has no CDAT.
   */
  readonly performance?: SwitchPerformance | 'unknown' | undefined;
  readonly downstream: readonly DownstreamPortConfig[];
}

export interface PartitionConfig {
  readonly mode: PartitionMode;
  /** A multiple of 256 MiB, not 0. */
  readonly size: number;
  /** What the device's CDAT says. Absent for all partitions: it has no CDAT. */
  readonly performance?: AccessCoordinates | undefined;
  /**
   * QTG id that firmware gives the partition's figures; default 0. Known only below a generic port.
   */
  readonly qosClass?: number | undefined;
}

/** A type-3 device. */
export interface MemoryDeviceConfig {
  readonly kind: 'memory';
  /** PCI address of the function. */
  readonly address: string;
  readonly serial: number | bigint;
  /** At most one of each mode, in the order of PARTITION_MODES. */
  readonly partitions: readonly PartitionConfig[];
  /** HDM decoders of the endpoint. */
  readonly decoders: number;
  readonly labelStorageSize: number;
  /** As reported, at most 16 characters. */
  readonly firmwareVersion: string;
  /** Mailbox payload. */
  readonly payloadMax: number;
  /** -1 for none. */
  readonly numaNode: number;
  /** The N of `memN` after boot; default: in the order of arrival. */
  readonly memId?: number | undefined;
  /**
   * Devices arrive in the order of this number, as the endpoints of a recorded boot did; default:
   * tree order.
   */
  readonly endpointId?: number | undefined;
  /**
   * Volatile and persistent capacity can be traded for one another in units of this many bytes.
   * Default 0: they are fixed.
   */
  readonly partitionAlignment?: number | undefined;
  /** Which optional commands the device has. Default: sanitize and poison, no erase. */
  readonly features?: DeviceFeatures | undefined;
}

export interface DeviceFeatures {
  readonly sanitize?: boolean | undefined;
  readonly erase?: boolean | undefined;
  readonly poison?: boolean | undefined;
}

/**
 * A region that firmware programmed into the decoders; the kernel finds it and assembles it on its
 * own.
 */
export interface FirmwareRegionConfig {
  /** Host physical range, inside a window. */
  readonly start: number;
  readonly size: number;
  readonly granularity: number;
  readonly mode: PartitionMode;
  /** PCI addresses of the member devices in position order. */
  readonly members: readonly string[];
  /** The decoders have their lock bit set. Default false. */
  readonly locked?: boolean | undefined;
}

export interface CxlConfig {
  readonly windows: readonly WindowConfig[];
  readonly hostBridges: readonly HostBridgeConfig[];
  /** In ascending order of address. */
  readonly firmwareRegions?: readonly FirmwareRegionConfig[] | undefined;
}

/** All memory devices below `ports`, in tree order. */
export function* memoryDevicesBelow(
  ports: readonly DownstreamPortConfig[],
): Iterable<MemoryDeviceConfig> {
  for (const { below } of ports) {
    if (below === undefined) continue;
    if (below.kind === 'memory') yield below;
    else yield* memoryDevicesBelow(below.downstream);
  }
}

export function hasDynamicCapacity({ hostBridges }: CxlConfig): boolean {
  return hostBridges.some(({ rootPorts }) =>
    [...memoryDevicesBelow(rootPorts)].some(({ partitions }) =>
      partitions.some(({ mode }) => mode === 'dynamic_ram_a'),
    ),
  );
}

/** All memory devices in the order in which they arrive at boot. */
export function arrivalOrder(config: CxlConfig): MemoryDeviceConfig[] {
  const devices = config.hostBridges.flatMap((bridge) => [...memoryDevicesBelow(bridge.rootPorts)]);
  return devices.sort(
    (a, b) => (a.endpointId ?? Number.MAX_SAFE_INTEGER) - (b.endpointId ?? Number.MAX_SAFE_INTEGER),
  );
}
