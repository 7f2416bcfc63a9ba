/**
 * What memory management needs to know about a machine before it boots. Plain data: the platform
 * converts a machine description into it. Addresses and sizes are bytes.
 */
import type { OnlineType } from './hotplug/online-type.ts';

/** A range of physical addresses, in bytes. */
export interface MemoryRange {
  readonly start: number;
  readonly size: number;
}

/** A range of physical addresses that belongs to a node. */
export interface NodeRange extends MemoryRange {
  readonly nid: number;
}

export const ZONE_NAMES = ['DMA', 'DMA32', 'Normal', 'Movable', 'Device'] as const;
/** A zone of a node, as in /proc/zoneinfo. */
export type ZoneName = (typeof ZONE_NAMES)[number];

/** Figures of a zone at boot, in pages. Absent ones are derived from the memory ranges. */
export interface BootZone {
  readonly zone: ZoneName;
  readonly startPfn: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
}

/** A node that is online at boot. */
export interface MmNode {
  readonly id: number;
  readonly cpus: readonly number[];
  /** What the firmware's memory affinity gives the node (whole ranges, firmware holes included). */
  readonly memory: readonly MemoryRange[];
  readonly zones?: readonly BootZone[] | undefined;
}

/** Latencies in ns, bandwidths in MB/s; 0: unknown (`struct access_coordinate`). */
export interface AccessCoordinates {
  readonly readBandwidth: number;
  readonly writeBandwidth: number;
  readonly readLatency: number;
  readonly writeLatency: number;
}

/** One cell of the firmware's performance tables (HMAT), by node. */
export interface NodePerformance {
  readonly initiator: number;
  readonly target: number;
  readonly coordinates: AccessCoordinates;
}

/** A cache in front of a node's memory (HMAT type 2); sizes in bytes, codes as in sysfs. */
export interface MemorySideCache {
  readonly nid: number;
  readonly level: number;
  readonly size: number;
  readonly lineSize: number;
  readonly indexing: number;
  readonly writePolicy: number;
  readonly addressMode?: number | undefined;
}

/** `memory_hotplug.memmap_on_memory=`: whether added memory holds its own page structures. */
export type MemmapOnMemory = 'N' | 'Y' | 'force';
/** `memory_hotplug.online_policy=`: how the zone of `online` is chosen. */
export type OnlinePolicy = 'contig-zones' | 'auto-movable';

export interface MmConfig {
  /** Bytes; a power of two, at least 128 MiB. */
  readonly blockSize: number;
  readonly nodes: readonly MmNode[];
  /** The possible mask; the nodes above are added to it. */
  readonly possibleNodes: readonly number[];
  /** SLIT by node id. A missing entry: 10 to itself, 20 to others. */
  readonly distances?: readonly (readonly number[])[] | undefined;
  readonly genericInitiators?: readonly number[] | undefined;
  /** The busy `System RAM` entries of /proc/iomem. */
  readonly systemRam: readonly MemoryRange[];
  /**
   * Reserved list: ranges whose node is known although they hold no memory at boot (CFMWS windows).
   */
  readonly windowNodes?: readonly NodeRange[] | undefined;
  readonly autoOnlineBlocks?: OnlineType | undefined;
  readonly memmapOnMemory?: MemmapOnMemory | undefined;
  readonly onlinePolicy?: OnlinePolicy | undefined;
  readonly autoMovableRatio?: number | undefined;
  readonly autoMovableNumaAware?: boolean | undefined;
  readonly movableNode?: boolean | undefined;
  /** Whether `crash_hotplug` exists; default true. */
  readonly crashHotplug?: boolean | undefined;
  /** End of the mappable physical range; 46 bits unless given. */
  readonly physicalAddressBits?: number | undefined;
  readonly performance?: readonly NodePerformance[] | undefined;
  /** HMAT memory proximity: the processor to which a target is attached. */
  readonly localInitiators?:
    | readonly { readonly target: number; readonly initiator: number }[]
    | undefined;
  /**
   * Nodes of generic ports: performance rows of such a target tell its distance, but make no access
   * classes. Absent: the nodes that only a window makes.
   */
  readonly genericPortNodes?: readonly number[] | undefined;
  readonly memorySideCaches?: readonly MemorySideCache[] | undefined;
}
