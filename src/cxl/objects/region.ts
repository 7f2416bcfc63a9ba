/**
 * CXL regions: host physical address ranges mapped to endpoint decoders
 * (`drivers/cxl/core/region.c`, 7.2).
 *
 * This file holds what a region is. Its life is in `region/`: `create.ts` (create, delete),
 * `size.ts` (HPA), `attach.ts` and `setup.ts` (targets), `detach.ts`, `commit.ts`, and what sysfs
 * shows in `attributes.ts`.
 */
import type { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { NULL_UUID } from '../../kernfs/parse.ts';
import type { AccessCoordinates } from '../../mm/config.ts';
import type { MemoryManagement } from '../../mm/memory-management.ts';
import type { Resource } from '../../mm/resource.ts';
import type { RegionMap } from '../address/address.ts';
import type { CxlBus } from '../buses/cxl-bus.ts';
import type { CxlDaxRegion } from './dax-region.ts';
import type { EndpointDecoder, RootDecoder } from './decoder.ts';
import { CXL_DEVICE_ID } from './device-id.ts';
import type { PartitionMode } from './partition.ts';
import type { RegionIds } from './region-ids.ts';
import { REGION_STATE, type RegionState } from './region-state.ts';

/** What regions need of the machine. */
export interface RegionContext {
  readonly kernel: Kernel;
  readonly mm: MemoryManagement;
  readonly bus: CxlBus;
  readonly ids: RegionIds;
  /**
   * False where the processor reports a hypervisor: commit then fails
   * (`cpu_cache_has_invalidate_memregion`).
   */
  readonly cpuCacheInvalidation: boolean;
  /**
   * Nodes that have had access coordinates from a region: it happens once a node
   * (`hmat_update_target_coordinates`).
   */
  readonly nodesWithCoordinates: Set<number>;
  /** The address arithmetic of a region; undefined while it lacks its range or a target. */
  mapOf(region: Region): RegionMap | undefined;
}

export class Region {
  readonly cxlDeviceId = CXL_DEVICE_ID.region;
  readonly context: RegionContext;
  readonly root: RootDecoder;
  readonly id: number;
  readonly mode: PartitionMode;
  device: Device<Region> | undefined;
  state: RegionState = REGION_STATE.idle;
  /** 0 until written. */
  interleaveWays = 0;
  /** 0 until written. */
  interleaveGranularity = 0;
  /** Canonical text, all zero until written; volatile regions have none. */
  uuid = NULL_UUID;
  resource: Resource | undefined;
  /** By position; a hole is a position not filled yet. */
  readonly targets: (EndpointDecoder | undefined)[] = [];
  /** Made from decoders that firmware had committed. */
  auto = false;
  locked = false;
  /** `dax_regionN`, directly below the region or below its `sysram_regionN`; while there is one. */
  daxRegion: CxlDaxRegion | undefined;
  /** Accumulated over attached targets, by access class. */
  readonly coordinates: [AccessCoordinates | undefined, AccessCoordinates | undefined] = [
    undefined,
    undefined,
  ];

  constructor(context: RegionContext, root: RootDecoder, id: number, mode: PartitionMode) {
    this.context = context;
    this.root = root;
    this.id = id;
    this.mode = mode;
    this.locked = root.locked;
  }

  get name(): string {
    return `region${this.id}`;
  }

  /** Its memory comes and goes in extents. */
  get dynamic(): boolean {
    return this.mode === 'dynamic_ram_a';
  }

  /** Persistent regions have a uuid and become no dax region. */
  get volatile(): boolean {
    return this.mode !== 'pmem';
  }

  get committed(): boolean {
    return this.state === REGION_STATE.commit;
  }

  /** Bytes, 0 while no HPA is allocated. */
  get size(): number {
    return this.resource === undefined ? 0 : this.resource.end - this.resource.start + 1;
  }

  /** Attached endpoint decoders in order of position. */
  attached(): EndpointDecoder[] {
    return this.targets.filter((target) => target !== undefined);
  }
}

/** The region calls that decoders and teardown make. */
export interface RegionOperations {
  createRegion(root: RootDecoder, text: string, mode: PartitionMode): void;
  deleteRegion(root: RootDecoder, text: string): void;
  /**
   * Removes the decoder from its region, unconditionally, as at decoder destruction, and releases
   * the region's driver.
   */
  detachDecoder(decoder: EndpointDecoder): void;
  /** Unregisters all regions of a root decoder that goes away. */
  deleteAll(root: RootDecoder): void;
  /** A firmware-committed endpoint decoder was found. */
  addToAutoRegion(decoder: EndpointDecoder): void;
}
