/**
 * HDM decoders: what root, switch and endpoint decoders have in common, and each kind's own state.
 * What they show and do is in `decoder/`: `attributes.ts`, `dpa.ts` (DPA allocation), `hdm.ts`
 * (programming).
 */
import type { Device } from '../../driver-core/device.ts';
import type { DevresEntry } from '../../driver-core/devres.ts';
import type { Resource } from '../../mm/resource.ts';
import { CXL_DEVICE_ID } from './device-id.ts';
import type { HdmRegister } from './hdm-register.ts';
import type { HpaRange } from './hpa-range.ts';
import type { PartitionMode } from './partition.ts';
import type { Dport, Port } from './port.ts';
import type { Region } from './region.ts';

export type TargetType = 'expander' | 'accelerator';

abstract class Decoder {
  readonly cxlDeviceId = CXL_DEVICE_ID.decoder;
  readonly port: Port;
  readonly id: number;
  device: Device | undefined;
  hpa: HpaRange = { start: 0, size: 0 };
  interleaveWays = 1;
  interleaveGranularity = 256;
  locked = false;
  targetType: TargetType = 'expander';

  constructor(port: Port, id: number) {
    this.port = port;
    this.id = id;
  }

  get name(): string {
    return `decoder${this.port.id}.${this.id}`;
  }
}

/** A CFMWS window. */
export class RootDecoder extends Decoder {
  readonly kind = 'root';
  /** `CXL Window N` in /proc/iomem. */
  window: Resource | undefined;
  capabilities = { pmem: true, ram: true, type2: true, type3: true };
  /** Regions of mode dynamic_ram_a can be made: a machine shows it that has a device for them. */
  dynamicRam = false;
  qosClass = 0;
  /** Host bridges in interleave order. */
  targets: readonly Dport[] = [];
  /** The id that the next region of this window gets (the cached one of cxl.md 7.1). */
  cachedRegionId = 0;
  readonly regions = new Map<string, Region>();
}

/** A decoder of a host bridge or switch port. */
export class SwitchDecoder extends Decoder {
  readonly kind = 'switch';
  /** CXL_DECODER_F_ENABLE: committed. */
  enabled = false;
  region: Region | undefined;
  targets: (Dport | undefined)[] = [];
  /** How many targets the register has room for. */
  readonly slots: number;
  /** Absent for a passthrough decoder. */
  readonly register: HdmRegister | undefined;

  constructor(port: Port, id: number, slots: number, register?: HdmRegister) {
    super(port, id);
    this.slots = slots;
    this.register = register;
  }

  /**
   * A port without HDM capability: routes all to its only dport and is never counted as committed.
   */
  get passthrough(): boolean {
    return this.register === undefined;
  }
}

export class EndpointDecoder extends Decoder {
  readonly kind = 'endpoint';
  enabled = false;
  region: Region | undefined;
  /** Position in the region's targets while attached. */
  position = -1;
  mode: PartitionMode | 'none' = 'none';
  /** Device physical addresses allocated; `skip` bytes of lower partitions are lost below it. */
  dpa: { readonly start: number; readonly size: number; readonly skip: number } | undefined;
  /** manual: assembled by user space; auto: found committed by firmware. */
  state: 'manual' | 'auto' = 'manual';
  readonly register: HdmRegister;
  /** Frees an allocation that user space made when the endpoint goes. */
  dpaCleanup: DevresEntry | undefined;

  constructor(port: Port, id: number, register: HdmRegister) {
    super(port, id);
    this.register = register;
  }
}

export type AnyDecoder = RootDecoder | SwitchDecoder | EndpointDecoder;
