/**
 * What a memory device remembers for its mailbox (CXL 3.1, 8.2.10), while the kernel's objects come
 * and go.
 */
import type { MemoryDeviceConfig } from '../config.ts';

/** Get Health Info: the figures that a device measures; what it concludes, the command computes. */
export interface Health {
  /** Bits: maintenance needed, performance degraded, replacement needed, capacity degraded. */
  status: number;
  /** 0: normal; others as in the table of Get Health Info. */
  mediaStatus: number;
  /** Percent. */
  lifeUsed: number;
  /** Degrees Celsius. */
  temperature: number;
  dirtyShutdowns: number;
  correctedVolatileErrors: number;
  correctedPersistentErrors: number;
}

/** The warnings that a host can program, in the order of their bits. */
export const WARNINGS = [
  'lifeUsed',
  'overTemperature',
  'underTemperature',
  'correctedVolatileErrors',
  'correctedPersistentErrors',
] as const;
export type Warning = (typeof WARNINGS)[number];

export interface Alerts {
  /** Thresholds that never change. */
  readonly critical: {
    readonly lifeUsed: number;
    readonly overTemperature: number;
    readonly underTemperature: number;
  };
  /** Which warnings a host can program. */
  readonly programmable: ReadonlySet<Warning>;
  /** Which warnings are on. */
  readonly enabled: Set<Warning>;
  readonly thresholds: Record<Warning, number>;
}

/** Firmware slots count from 1. */
export interface FirmwareSlots {
  /** Version by slot; undefined: empty. */
  readonly versions: (string | undefined)[];
  active: number;
  /** Becomes active at the next power cycle. */
  staged: number | undefined;
}

const SLOTS = 2;
const DEBUG_LOG_SIZE = 4096;
/** Of a slot, and of what Identify reports. */
export const FIRMWARE_VERSION_LENGTH = 16;

/** As measured by a new device in a cool room. */
function newHealth(): Health {
  return {
    status: 0,
    mediaStatus: 0,
    lifeUsed: 0,
    temperature: 23,
    dirtyShutdowns: 0,
    correctedVolatileErrors: 0,
    correctedPersistentErrors: 0,
  };
}

/** The thresholds are those of QEMU's device, which lets none of them be programmed. */
function newAlerts(): Alerts {
  return {
    critical: { lifeUsed: 75, overTemperature: 35, underTemperature: 10 },
    programmable: new Set(WARNINGS),
    enabled: new Set(),
    thresholds: {
      lifeUsed: 40,
      overTemperature: 25,
      underTemperature: 20,
      correctedVolatileErrors: 0,
      correctedPersistentErrors: 0,
    },
  };
}

/** The capacity that is free to be either, as it shall be after the next power cycle. */
export interface NextPartitions {
  readonly ram: number;
  readonly pmem: number;
}

export class MailboxState {
  readonly health = newHealth();
  readonly alerts = newAlerts();
  readonly firmware: FirmwareSlots;
  /** What Set Shutdown State said last; bit 0: dirty. */
  shutdownState = 0;
  nextPartitions: NextPartitions | undefined;
  /** A line for each command that the device refused. */
  debugLog = '';
  private readonly labelStorageSize: number;
  private labelArea: Uint8Array | undefined;

  constructor({ firmwareVersion, labelStorageSize }: MemoryDeviceConfig) {
    const versions = new Array<string | undefined>(SLOTS).fill(undefined);
    versions[0] = firmwareVersion.slice(0, FIRMWARE_VERSION_LENGTH);
    this.firmware = { versions, active: 1, staged: undefined };
    this.labelStorageSize = labelStorageSize;
  }

  /** Zeroes until somebody writes; made when somebody looks. */
  get labels(): Uint8Array {
    this.labelArea ??= new Uint8Array(this.labelStorageSize);
    return this.labelArea;
  }

  /** Gives the partitions that there are from now on, if they change. */
  losePower(): NextPartitions | undefined {
    const { firmware, health, nextPartitions } = this;
    firmware.active = firmware.staged ?? firmware.active;
    firmware.staged = undefined;
    if (this.shutdownState !== 0) health.dirtyShutdowns += 1;
    this.shutdownState = 0;
    this.nextPartitions = undefined;
    return nextPartitions;
  }

  noteRefusal(text: string): void {
    this.debugLog = `${this.debugLog}${text}\n`.slice(-DEBUG_LOG_SIZE);
  }

  /** Of the active slot. */
  get firmwareVersion(): string {
    return this.firmware.versions[this.firmware.active - 1] ?? '';
  }

  /** The slot that a new image goes to: the first that is not in use. */
  get freeSlot(): number {
    return this.firmware.active === 1 ? 2 : 1;
  }
}
