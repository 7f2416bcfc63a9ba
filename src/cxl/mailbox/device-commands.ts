/**
 * The mailbox of a memory device: its commands by opcode.
 */
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import {
  type DeviceCommand,
  DeviceRefusal,
  RETURN_CODE,
  type ReturnCode,
} from './device-command.ts';
import { GET_FW_INFO } from './firmware.ts';
import { HEALTH_COMMANDS } from './health.ts';
import { IDENTIFY } from './identify.ts';
import { LABEL_COMMANDS } from './labels.ts';
import { LOG_COMMANDS } from './logs.ts';
import { GET_SCAN_MEDIA_CAPS, GET_TIMESTAMP } from './other-commands.ts';
import { PARTITION_COMMANDS } from './partitions.ts';
import { NOTHING, type Payload } from './payload.ts';

const COMMANDS: readonly DeviceCommand[] = [
  GET_FW_INFO,
  GET_TIMESTAMP,
  ...LOG_COMMANDS,
  IDENTIFY,
  ...PARTITION_COMMANDS,
  ...LABEL_COMMANDS,
  ...HEALTH_COMMANDS,
  GET_SCAN_MEDIA_CAPS,
];

const BY_OPCODE = new Map(COMMANDS.map((command) => [command.opcode, command]));

/** A device without a label area has no commands for it. */
export function supports({ config }: MemoryHardware, opcode: number): boolean {
  const isLabelCommand = LABEL_COMMANDS.some((command) => command.opcode === opcode);
  return BY_OPCODE.has(opcode) && (!isLabelCommand || config.labelStorageSize > 0);
}

export interface Completion {
  readonly code: ReturnCode;
  readonly answer: Payload;
  /** Why the device refused. */
  readonly reason: string;
}

/** Nanoseconds since 1970. */
export type Clock = () => bigint;

/** Carries a command out that the device supports. */
export function perform(
  hardware: MemoryHardware,
  opcode: number,
  input: Payload,
  now: Clock,
): Completion {
  const commands = COMMANDS.filter((command) => supports(hardware, command.opcode));
  const command = commands.find((each) => each.opcode === opcode);
  try {
    if (command === undefined) throw new DeviceRefusal('unsupported', 'no such command');
    const answer = command.run({ hardware, now, commands }, input);
    return { code: RETURN_CODE.success, answer, reason: '' };
  } catch (error) {
    if (!(error instanceof DeviceRefusal)) throw error;
    const { code, message: reason } = error;
    hardware.mailbox.noteRefusal(`opcode 0x${opcode.toString(16).padStart(4, '0')}: ${reason}`);
    return { code, answer: NOTHING, reason };
  }
}
