/**
 * CXL memory devices `memN`. The hardware behind one is in `memory-hardware.ts`, its device in
 * `memdev/cxl-pci.ts`.
 */
import type { Device } from '../../driver-core/device.ts';
import { CXL_DEVICE_ID } from './device-id.ts';
import type { MemoryHardware } from './memory-hardware.ts';
import type { Partition, PartitionMode } from './partition.ts';
import type { Port } from './port.ts';

export class Memdev {
  readonly cxlDeviceId = CXL_DEVICE_ID.memdev;
  readonly id: number;
  readonly hardware: MemoryHardware;
  device: Device<Memdev> | undefined;
  /** Present while bound to cxl_mem. */
  endpoint: Port | undefined;
  /** A detach from the driver is queued (`cxlmd->detach_work`); binding is refused meanwhile. */
  detachPending = false;
  /**
   * cxl_nvdimm is bound, and keeps programs from writing labels and the shutdown state
   * (`exclusive_cmds`).
   */
  servesNvdimm = false;
  /** QoS classes that match a window's, by partition; found out at endpoint probe. */
  readonly qosClasses = new Map<PartitionMode, number>();

  constructor(id: number, hardware: MemoryHardware) {
    this.id = id;
    this.hardware = hardware;
  }

  get name(): string {
    return `mem${this.id}`;
  }

  get serial(): number | bigint {
    return this.hardware.config.serial;
  }

  get partitions(): readonly Partition[] {
    return this.hardware.partitions;
  }

  partition(mode: PartitionMode | 'none'): Partition | undefined {
    return this.partitions.find((each) => each.mode === mode);
  }

  get sanitizing(): boolean {
    return this.hardware.sanitizing;
  }
}
