/**
 * A memory device as a piece of hardware: what it is and what it remembers while the kernel's
 * objects come and go.
 */
import type { MemoryDeviceConfig } from '../config.ts';
import { DynamicCapacity } from './device-extents.ts';
import type { Partition } from './partition.ts';
import type { SecurityPoints } from './security-points.ts';

export class MemoryHardware {
  readonly config: MemoryDeviceConfig;
  readonly partitions: readonly Partition[];
  /** Device physical addresses of poisoned 64-byte units. */
  readonly poison = new Set<number>();
  /** Of all devices of the machine. */
  readonly security: SecurityPoints;
  /** Ends the sanitize operation that runs in the background before it is done. */
  stopSanitize: (() => void) | undefined;
  /** Present while a driver is told of the end of such an operation. */
  sanitizeNotifier: (() => void) | undefined;
  /** Absent: the device has none. */
  readonly dynamicCapacity: DynamicCapacity | undefined;

  constructor(config: MemoryDeviceConfig, security: SecurityPoints) {
    this.config = config;
    this.security = security;
    let start = 0;
    this.partitions = config.partitions.map(({ mode, size }) => {
      const partition: Partition = { mode, start, size };
      start += size;
      return partition;
    });
    const dynamic = this.partitions.find(({ mode }) => mode === 'dynamic_ram_a');
    this.dynamicCapacity = dynamic === undefined ? undefined : new DynamicCapacity(dynamic);
  }

  /** A sanitize operation runs in the background. */
  get sanitizing(): boolean {
    return this.stopSanitize !== undefined;
  }

  /** A sanitize operation that runs is not resumed. */
  losePower(): void {
    this.stopSanitize?.();
    this.stopSanitize = undefined;
  }

  /** Bytes of all partitions. */
  get capacity(): number {
    return this.partitions.reduce((sum, partition) => sum + partition.size, 0);
  }
}

/**
 * What a memory device is called wherever its contents outlive the kernel's names: serial number
 * and PCI function.
 */
export function hardwareName({
  serial,
  address,
}: Pick<MemoryDeviceConfig, 'serial' | 'address'>): string {
  return `${serial.toString(16)}@${address}`;
}
