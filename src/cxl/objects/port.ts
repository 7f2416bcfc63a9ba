/**
 * CXL ports: the root, host bridges, switches, endpoints, and their downstream ports.
 */
import type { Device } from '../../driver-core/device.ts';
import type { DevresEntry } from '../../driver-core/devres.ts';
import type { AccessCoordinates } from '../../mm/config.ts';
import type { SwitchPerformance } from '../config.ts';
import type { AnyDecoder } from './decoder.ts';
import { CXL_DEVICE_ID } from './device-id.ts';
import type { Memdev } from './memdev.ts';
import type { RegionReference } from './region-reference.ts';

export type PortKind = 'root' | 'host-bridge' | 'switch' | 'endpoint';

export class Port {
  readonly kind: PortKind;
  readonly id: number;
  readonly parent: Port | undefined;
  /** The downstream port of the parent that leads here; none for the root. */
  readonly parentDport: Dport | undefined;
  /** The device that this port is of: host bridge, upstream PCI function, memdev. */
  readonly uport: Device;
  device: Device<Port> | undefined;
  /** By dport id, in order of arrival. */
  readonly dports = new Map<number, Dport>();
  /** By decoder id. */
  readonly decoders: AnyDecoder[] = [];
  /** Highest committed decoder id, -1 for none (`port->commit_end`). */
  commitEnd = -1;
  /** Highest decoder id with DPA allocated, -1 for none (`port->hdm_end`); endpoints only. */
  hdmEnd = -1;
  /** The memory device of an endpoint. */
  memdev: Memdev | undefined;
  /** What each region uses of this port, keyed by region name (`port->regions`). */
  readonly regionReferences = new Map<string, RegionReference>();
  /**
   * Memory devices enumerated below this port (`port->endpoints`): a switch port goes with the
   * last.
   */
  readonly memdevs = new Set<Memdev>();
  /** Raw CDAT, shown while the port's driver is bound. */
  cdat: string | undefined;
  /** What a switch adds to the figures of devices below it. */
  switchPerformance: SwitchPerformance | undefined;
  /** The managed resource of the host that holds this port. */
  holder: { readonly host: Device; readonly entry: DevresEntry } | undefined;

  constructor(kind: PortKind, id: number, uport: Device, parentDport?: Dport) {
    this.kind = kind;
    this.id = id;
    this.uport = uport;
    this.parentDport = parentDport;
    this.parent = parentDport?.port;
  }

  get cxlDeviceId(): number {
    return this.kind === 'root' ? CXL_DEVICE_ID.root : CXL_DEVICE_ID.port;
  }

  get name(): string {
    if (this.kind === 'root') return `root${this.id}`;
    return this.kind === 'endpoint' ? `endpoint${this.id}` : `port${this.id}`;
  }

  /** Distance from the root, which has depth 0. */
  get depth(): number {
    return this.parent === undefined ? 0 : this.parent.depth + 1;
  }
}

/** A downstream port: the device in the parent port that leads to the next one. */
export class Dport {
  readonly port: Port;
  readonly id: number;
  readonly device: Device;
  /** Of a host bridge: figures up to it by access class, if firmware describes a generic port. */
  genericPort: readonly [AccessCoordinates, AccessCoordinates] | undefined;

  constructor(port: Port, id: number, device: Device) {
    this.port = port;
    this.id = id;
    this.device = device;
  }
}
