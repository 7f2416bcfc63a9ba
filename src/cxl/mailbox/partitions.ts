/**
 * Get and Set Partition Info (CXL 3.1, 8.2.10.9.2.1). What is set takes effect when the device is
 * reset; the kernel refuses to ask for more than that.
 */
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import { type DeviceCommand, DeviceRefusal, EFFECT } from './device-command.ts';
import { NOTHING, Payload } from './payload.ts';

/** Capacity travels in multiples of 256 MiB. */
const UNIT = 256 * 2 ** 20;

export function inUnits(bytes: number): bigint {
  return BigInt(bytes / UNIT);
}

/** Without the capacity that comes and goes. */
export function staticCapacity(hardware: MemoryHardware): number {
  return hardware.sizeOf('ram') + hardware.sizeOf('pmem');
}

const GET_PARTITION_INFO: DeviceCommand = {
  opcode: 0x4100,
  run: ({ hardware }) => {
    const { nextPartitions } = hardware.mailbox;
    return Payload.ofSize(0x20)
      .setU64(0, inUnits(hardware.sizeOf('ram')))
      .setU64(8, inUnits(hardware.sizeOf('pmem')))
      .setU64(16, inUnits(nextPartitions?.ram ?? 0))
      .setU64(24, inUnits(nextPartitions?.pmem ?? 0));
  },
};

/** Invalid input: more than there is, or no multiple of the alignment. Unsupported: all is fixed. */
const SET_PARTITION_INFO: DeviceCommand = {
  opcode: 0x4101,
  effects: EFFECT.configurationAfterReset,
  run: ({ hardware }, input) => {
    const { partitionAlignment = 0 } = hardware.config;
    if (partitionAlignment === 0)
      throw new DeviceRefusal('unsupported', 'its capacity cannot be partitioned');
    const ram = Number(input.u64(0)) * UNIT;
    const capacity = staticCapacity(hardware);
    if (ram > capacity || ram % partitionAlignment !== 0)
      throw new DeviceRefusal(
        'invalidInput',
        `${ram} bytes of volatile capacity: not a multiple of ${partitionAlignment} up to ${capacity}`,
      );
    hardware.mailbox.nextPartitions = { ram, pmem: capacity - ram };
    return NOTHING;
  },
};

export const PARTITION_COMMANDS = [GET_PARTITION_INFO, SET_PARTITION_INFO] as const;
