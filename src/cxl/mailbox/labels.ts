/**
 * Get and Set LSA: the label storage area (CXL 3.1, 8.2.10.9.2.3).
 */
import { type DeviceCommand, DeviceRefusal, EFFECT } from './device-command.ts';
import { NOTHING, Payload } from './payload.ts';

/** Offset and reserved bytes ahead of the data of Set LSA. */
const SET_HEADER = 8;

/** Invalid input: not inside the area. */
function assertInside(labels: Uint8Array, offset: number, length: number): void {
  if (offset + length <= labels.length) return;
  throw new DeviceRefusal(
    'invalidInput',
    `bytes ${offset} to ${offset + length} of a label area of ${labels.length}`,
  );
}

/** Invalid payload length: more than a mailbox can hold. */
const GET_LSA: DeviceCommand = {
  opcode: 0x4102,
  run: ({ hardware }, input) => {
    const { labels } = hardware.mailbox;
    const [offset, length] = [input.u32(0), input.u32(4)];
    assertInside(labels, offset, length);
    if (length > hardware.config.payloadMax)
      throw new DeviceRefusal(
        'invalidPayloadLength',
        `${length} bytes do not fit into the mailbox`,
      );
    return new Payload(labels.slice(offset, offset + length));
  },
};

const SET_LSA: DeviceCommand = {
  opcode: 0x4103,
  effects: EFFECT.configurationNow | EFFECT.dataNow,
  run: ({ hardware }, input) => {
    const { labels } = hardware.mailbox;
    if (input.length < SET_HEADER)
      throw new DeviceRefusal('invalidPayloadLength', `${input.length} bytes, at least 8 expected`);
    const offset = input.u32(0);
    assertInside(labels, offset, input.length - SET_HEADER);
    labels.set(input.bytes.subarray(SET_HEADER), offset);
    return NOTHING;
  },
};

export const LABEL_COMMANDS = [GET_LSA, SET_LSA] as const;
