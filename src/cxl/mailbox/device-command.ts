/**
 * What a command of a device's mailbox is, and how the device refuses one (CXL 3.1, 8.2.9.4.5.1).
 */
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import type { Payload } from './payload.ts';

export const RETURN_CODE = {
  success: 0x00,
  invalidInput: 0x02,
  unsupported: 0x03,
  busy: 0x06,
  invalidPhysicalAddress: 0x0f,
  invalidPayloadLength: 0x16,
  invalidLog: 0x17,
} as const;
export type ReturnCode = (typeof RETURN_CODE)[keyof typeof RETURN_CODE];

/** The device carried the command out, and its answer is a return code. */
export class DeviceRefusal extends Error {
  readonly code: ReturnCode;

  constructor(code: keyof typeof RETURN_CODE, reason: string) {
    super(reason);
    this.name = 'DeviceRefusal';
    this.code = RETURN_CODE[code];
  }
}

/** A device while it carries out a command. */
export interface CommandedDevice {
  readonly hardware: MemoryHardware;
  /** Nanoseconds since 1970, which the kernel tells a device when it finds it. */
  now(): bigint;
  /** The device's commands in the order of their opcodes: what its command effects log lists. */
  readonly commands: readonly DeviceCommand[];
}

/** Bits of the command effects log. */
export const EFFECT = {
  configurationAfterReset: 1 << 0,
  configurationNow: 1 << 1,
  dataNow: 1 << 2,
  policyNow: 1 << 3,
  logNow: 1 << 4,
} as const;

export interface DeviceCommand {
  readonly opcode: number;
  readonly effects?: number;
  /** The answer; throws DeviceRefusal. */
  run(device: CommandedDevice, input: Payload): Payload;
}
