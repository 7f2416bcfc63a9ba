/**
 * Get Timestamp (CXL 3.1, 8.2.10.4.1) and Get Scan Media Capabilities (8.2.10.9.4.4).
 */
import { type DeviceCommand, DeviceRefusal } from './device-command.ts';
import { Payload } from './payload.ts';

const UNIT = 64n;
const GIBIBYTE = 2n ** 30n;

export const GET_TIMESTAMP: DeviceCommand = {
  opcode: 0x0300,
  run: ({ now }) => Payload.ofSize(8).setU64(0, now()),
};

/** Milliseconds that a scan of the range takes: one a GiB. Invalid address: not inside the device. */
export const GET_SCAN_MEDIA_CAPS: DeviceCommand = {
  opcode: 0x4303,
  run: ({ hardware }, input) => {
    const [start, length] = [input.u64(0), input.u64(8) * UNIT];
    if (start % UNIT !== 0n || start + length > BigInt(hardware.capacity))
      throw new DeviceRefusal('invalidPhysicalAddress', 'the range is not inside the device');
    return Payload.ofSize(4).setU32(0, Number((length + GIBIBYTE - 1n) / GIBIBYTE));
  },
};
