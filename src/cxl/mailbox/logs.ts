/**
 * The logs of a device and the commands about them (CXL 3.1, 8.2.10.5): its command effects log, and
 * a vendor debug log, which here has a line for each command that the device refused.
 */
import {
  type CommandedDevice,
  type DeviceCommand,
  DeviceRefusal,
  EFFECT,
} from './device-command.ts';
import { NOTHING, Payload } from './payload.ts';

const UUID_SIZE = 16;

interface Log {
  readonly uuid: string;
  /** Bit 0: it can be cleared. */
  readonly capabilities: number;
  read(device: CommandedDevice): Uint8Array;
}

/** Commands without an ioctl of their own: the kernel sends them for files of sysfs. */
const BEHIND_FILES: readonly Pick<DeviceCommand, 'opcode' | 'effects'>[] = [
  { opcode: 0x0201, effects: EFFECT.configurationAfterReset },
  { opcode: 0x0202, effects: EFFECT.configurationAfterReset },
  { opcode: 0x0301, effects: EFFECT.policyNow },
];

const ENTRY_SIZE = 4;

function commandEffects({ commands }: CommandedDevice): Uint8Array {
  const entries = [...commands, ...BEHIND_FILES].sort((a, b) => a.opcode - b.opcode);
  const log = Payload.ofSize(entries.length * ENTRY_SIZE);
  for (const [index, { opcode, effects = 0 }] of entries.entries())
    log.setU16(index * ENTRY_SIZE, opcode).setU16(index * ENTRY_SIZE + 2, effects);
  return log.bytes;
}

/** The one log that Linux lets a program clear. */
export const VENDOR_DEBUG_LOG = '5e1819d911a9400c811fd60719403d86';

const LOGS: readonly Log[] = [
  { uuid: '0da9c0b5bf414b788f7996b1623b3f17', capabilities: 0, read: commandEffects },
  {
    uuid: VENDOR_DEBUG_LOG,
    capabilities: 1,
    read: ({ hardware }) =>
      Payload.ofSize(hardware.mailbox.debugLog.length).setText(0, hardware.mailbox.debugLog).bytes,
  },
];

/** The uuid in 32 hexadecimal digits. */
export function uuidAt(payload: Payload, at: number): string {
  return Array.from(payload.bytes.subarray(at, at + UUID_SIZE), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from({ length: UUID_SIZE }, (_, at) =>
    Number.parseInt(uuid.slice(at * 2, at * 2 + 2), 16),
  );
}

/** The log that the input starts with the uuid of. Invalid log: there is none. */
function logOf(input: Payload): Log {
  const uuid = uuidAt(input, 0);
  const log = LOGS.find((each) => each.uuid === uuid);
  if (log === undefined) throw new DeviceRefusal('invalidLog', `no log ${uuid}`);
  return log;
}

const LIST_HEADER = 8;
const LIST_ENTRY = UUID_SIZE + 4;

function list(device: CommandedDevice, logs: readonly Log[]): Payload {
  const answer = Payload.ofSize(LIST_HEADER + logs.length * LIST_ENTRY);
  for (const [index, log] of logs.entries()) {
    const at = LIST_HEADER + index * LIST_ENTRY;
    answer.setBytes(at, uuidBytes(log.uuid)).setU32(at + UUID_SIZE, log.read(device).length);
  }
  return answer;
}

const GET_SUPPORTED_LOGS: DeviceCommand = {
  opcode: 0x0400,
  run: (device) => list(device, LOGS).setU16(0, LOGS.length),
};

/** Invalid input: beyond the end of the log. Invalid payload length: more than a mailbox holds. */
const GET_LOG: DeviceCommand = {
  opcode: 0x0401,
  run: (device, input) => {
    const text = logOf(input).read(device);
    const [offset, length] = [input.u32(UUID_SIZE), input.u32(UUID_SIZE + 4)];
    if (offset + length > text.length)
      throw new DeviceRefusal('invalidInput', `bytes up to ${offset + length} of ${text.length}`);
    if (length > device.hardware.config.payloadMax)
      throw new DeviceRefusal(
        'invalidPayloadLength',
        `${length} bytes do not fit into the mailbox`,
      );
    return new Payload(text.slice(offset, offset + length));
  },
};

const GET_LOG_CAPS: DeviceCommand = {
  opcode: 0x0402,
  run: (_device, input) => Payload.ofSize(4).setU32(0, logOf(input).capabilities),
};

/** Unsupported: of a log that cannot be cleared. */
const CLEAR_LOG: DeviceCommand = {
  opcode: 0x0403,
  effects: EFFECT.logNow,
  run: ({ hardware }, input) => {
    if (logOf(input).capabilities === 0)
      throw new DeviceRefusal('unsupported', 'the log cannot be cleared');
    hardware.mailbox.debugLog = '';
    return NOTHING;
  },
};

/** Invalid input: it starts behind the last log. */
const GET_SUP_LOG_SUBLIST: DeviceCommand = {
  opcode: 0x0405,
  run: (device, input) => {
    const [most, start] = [input.u8(0), input.u8(1)];
    if (start >= LOGS.length) throw new DeviceRefusal('invalidInput', `no log of index ${start}`);
    const logs = LOGS.slice(start, start + most);
    return list(device, logs).setU8(0, logs.length).setU16(2, LOGS.length).setU8(4, start);
  },
};

export const LOG_COMMANDS = [
  GET_SUPPORTED_LOGS,
  GET_LOG,
  GET_LOG_CAPS,
  CLEAR_LOG,
  GET_SUP_LOG_SUBLIST,
] as const;
