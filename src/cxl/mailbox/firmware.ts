/**
 * Get FW Info, and what Transfer FW and Activate FW do with a whole image (CXL 3.1, 8.2.10.3).
 */
import { FIRMWARE_VERSION_LENGTH } from '../objects/mailbox-state.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import type { DeviceCommand } from './device-command.ts';
import { Payload } from './payload.ts';

const SIZE = 0x50;
const FIRST_VERSION_AT = 16;
const STAGED_SHIFT = 3;
/** An image can be activated without a reset. Linux never asks for it. */
const ONLINE_ACTIVATION = 1;

export const GET_FW_INFO: DeviceCommand = {
  opcode: 0x0200,
  run: ({ hardware }) => {
    const { versions, active, staged } = hardware.mailbox.firmware;
    const answer = Payload.ofSize(SIZE)
      .setU8(0, versions.length)
      .setU8(1, active | ((staged ?? 0) << STAGED_SHIFT))
      .setU8(2, ONLINE_ACTIVATION);
    for (const [index, version] of versions.entries())
      answer.setText(FIRST_VERSION_AT + index * FIRMWARE_VERSION_LENGTH, version ?? '');
    return answer;
  },
};

const PRINTABLE = /^[ -~]+/;

/** What an image says of itself: text at its start, such as `2.1.0` in its first line. */
function versionOf(image: string, slot: number): string {
  const text = PRINTABLE.exec(image.slice(0, FIRMWARE_VERSION_LENGTH))?.[0];
  return text?.trimEnd() || `slot ${slot}`;
}

/** The image goes to the free slot, whose firmware runs after the next reset. */
export function stageFirmware({ mailbox }: MemoryHardware, image: string): void {
  const slot = mailbox.freeSlot;
  mailbox.firmware.versions[slot - 1] = versionOf(image, slot);
  mailbox.firmware.staged = slot;
}
