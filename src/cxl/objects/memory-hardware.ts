/**
 * A memory device as a piece of hardware: what it is and what it remembers while the kernel's
 * objects come and go.
 */
import type { MemoryDeviceConfig, PartitionConfig } from '../config.ts';
import { DynamicCapacity } from './device-extents.ts';
import { MailboxState } from './mailbox-state.ts';
import type { Partition, PartitionMode } from './partition.ts';
import type { SecurityPoints } from './security-points.ts';

/** One behind the other, from DPA 0. */
function placed(layout: readonly PartitionConfig[]): Partition[] {
  let start = 0;
  return layout.map(({ mode, size }) => {
    const partition: Partition = { mode, start, size };
    start += size;
    return partition;
  });
}

export class MemoryHardware {
  readonly config: MemoryDeviceConfig;
  /** What the mailbox knows. */
  readonly mailbox: MailboxState;
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
  private current: readonly PartitionConfig[];
  private currentPartitions: readonly Partition[];

  constructor(config: MemoryDeviceConfig, security: SecurityPoints) {
    this.config = config;
    this.security = security;
    this.mailbox = new MailboxState(config);
    this.current = config.partitions;
    this.currentPartitions = placed(config.partitions);
    const dynamic = this.partitions.find(({ mode }) => mode === 'dynamic_ram_a');
    this.dynamicCapacity = dynamic === undefined ? undefined : new DynamicCapacity(dynamic);
  }

  /** A sanitize operation runs in the background. */
  get sanitizing(): boolean {
    return this.stopSanitize !== undefined;
  }

  /** The partitions as they are now, with what the device's CDAT says of them. */
  get layout(): readonly PartitionConfig[] {
    return this.current;
  }

  get partitions(): readonly Partition[] {
    return this.currentPartitions;
  }

  /** Bytes of the partition; 0 if there is none. */
  sizeOf(mode: PartitionMode): number {
    return this.partitions.find((partition) => partition.mode === mode)?.size ?? 0;
  }

  /**
   * What waited for a reset takes effect: firmware that was staged, capacity that was moved. A
   * sanitize operation that runs is not resumed.
   */
  losePower(): void {
    this.stopSanitize?.();
    this.stopSanitize = undefined;
    const nextPartitions = this.mailbox.losePower();
    if (nextPartitions === undefined) return;
    const [any] = this.current;
    const kept = this.current.filter(({ mode }) => mode !== 'ram' && mode !== 'pmem');
    const moved = (['ram', 'pmem'] as const).map(
      (mode): PartitionConfig => ({
        ...(this.current.find((each) => each.mode === mode) ?? any),
        mode,
        size: nextPartitions[mode],
      }),
    );
    this.current = [...moved.filter(({ size }) => size > 0), ...kept];
    this.currentPartitions = placed(this.current);
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
