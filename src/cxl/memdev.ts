/**
 * CXL memory devices `memN`.
 */
import type { Device } from '../driver-core/device.ts';
import { CXL_DEVICE_ID } from './cxl-bus.ts';
import type { Port } from './port.ts';

export type PartitionMode = 'ram' | 'pmem';

/** A DPA partition; a device has at most one of each mode, contiguous from DPA 0, and none of size zero. */
export interface Partition {
  readonly mode: PartitionMode;
  readonly start: number;
  readonly size: number;
}

export class Memdev {
  readonly cxlDeviceId = CXL_DEVICE_ID.memdev;
  readonly id: number;
  readonly partitions: readonly Partition[];
  device: Device<Memdev> | undefined;
  /** Present while bound to cxl_mem. */
  endpoint: Port | undefined;

  constructor(id: number, partitions: readonly Partition[]) {
    this.id = id;
    this.partitions = partitions;
  }

  get name(): string {
    return `mem${this.id}`;
  }
}
