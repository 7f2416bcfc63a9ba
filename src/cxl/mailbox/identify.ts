/**
 * Identify Memory Device (CXL 3.1, 8.2.10.9.1.1).
 */
import type { DeviceCommand } from './device-command.ts';
import { inUnits, staticCapacity } from './partitions.ts';
import { Payload } from './payload.ts';

const SIZE = 0x43;
/** Of each of the four event logs, and of the poison list: as QEMU's device reports. */
const EVENT_LOG_SIZE = 255;
const POISON_LIST_SIZE = 256;

export const IDENTIFY: DeviceCommand = {
  opcode: 0x4000,
  run: ({ hardware }) => {
    const { partitionAlignment = 0, labelStorageSize } = hardware.config;
    const isFixed = partitionAlignment === 0;
    const answer = Payload.ofSize(SIZE)
      .setText(0, hardware.mailbox.firmwareVersion)
      .setU64(16, inUnits(staticCapacity(hardware)))
      .setU64(24, inUnits(isFixed ? hardware.sizeOf('ram') : 0))
      .setU64(32, inUnits(isFixed ? hardware.sizeOf('pmem') : 0))
      .setU64(40, inUnits(partitionAlignment))
      .setU32(56, labelStorageSize)
      .setU16(60, POISON_LIST_SIZE);
    for (const at of [48, 50, 52, 54]) answer.setU16(at, EVENT_LOG_SIZE);
    return answer;
  },
};
