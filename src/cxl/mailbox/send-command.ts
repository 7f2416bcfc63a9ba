/**
 * A program sends a command to a memory device: what the kernel lets through, and what it does with
 * the answer (`cxl_send_cmd`, `drivers/cxl/core/mbox.c`, 7.2).
 */
import { KernelError } from '../../errno.ts';
import type { Memdev } from '../objects/memdev.ts';
import { RETURN_CODE } from './device-command.ts';
import { type Clock, perform } from './device-commands.ts';
import {
  isEnabled,
  isExclusive,
  type KernelCommand,
  kernelCommand,
  RAW_ID,
  VARIABLE,
} from './kernel-commands.ts';
import { uuidAt, VENDOR_DEBUG_LOG } from './logs.ts';
import type { Payload } from './payload.ts';

/** `struct cxl_send_command` without its payloads. */
export interface SendRequest {
  readonly id: number;
  readonly flags: number;
  /** All reserved fields are zero. */
  readonly reservedClear: boolean;
  /** Bytes of input; as the program gave it, so it may be negative. */
  readonly sizeIn: number;
  /** Bytes that the program has room for; negative: as many as a mailbox holds. */
  readonly sizeOut: number;
}

export interface SendResult {
  /** The device's return code. */
  readonly code: number;
  readonly answer: Uint8Array;
  /** Why the device refused; empty if it did not. */
  readonly reason: string;
}

const KNOWN_FLAGS = 0b11;
/** Room for an answer that the kernel finds memory for. */
const LARGEST_ANSWER = 4 * 2 ** 20;

function assertSizes({ sizeIn, sizeOut }: KernelCommand, request: SendRequest): void {
  if (sizeIn !== VARIABLE && request.sizeIn !== sizeIn)
    throw new KernelError('ENOMEM', `${request.sizeIn} bytes of input, ${sizeIn} expected`);
  if (sizeOut !== VARIABLE && request.sizeOut < sizeOut)
    throw new KernelError('ENOMEM', `room for ${request.sizeOut} bytes, the answer has ${sizeOut}`);
}

/**
 * Which command it is, if the kernel lets it through. ENOTTY: no such command, or the device lacks
 * it; EINVAL: more input than a mailbox holds, an unknown flag, a reserved field; EPERM: raw
 * commands are not configured; EBUSY: it is the kernel's own while cxl_nvdimm is bound; ENOMEM: a
 * size that is not the command's.
 */
export function checkRequest(memdev: Memdev, request: SendRequest): KernelCommand {
  const command = kernelCommand(request.id);
  if (command === undefined) throw new KernelError('ENOTTY', `no command of id ${request.id}`);
  const { payloadMax } = memdev.hardware.config;
  if (request.sizeIn < 0 || request.sizeIn > payloadMax)
    throw new KernelError('EINVAL', `${request.sizeIn} bytes of input, at most ${payloadMax}`);
  if (command.id === RAW_ID) throw new KernelError('EPERM', 'raw commands are not configured');
  if ((request.flags & ~KNOWN_FLAGS) !== 0 || !request.reservedClear)
    throw new KernelError('EINVAL', 'an unknown flag, or a reserved field that is not 0');
  if (!isEnabled(memdev, command))
    throw new KernelError('ENOTTY', `${memdev.name} has no command of id ${request.id}`);
  if (isExclusive(memdev, command))
    throw new KernelError(
      'EBUSY',
      `${memdev.name} is bound to cxl_nvdimm, which keeps it to itself`,
    );
  assertSizes(command, request);
  return command;
}

const IMMEDIATE_FLAG_AT = 8;

/** Inputs that the kernel does not pass on (`cxl_payload_from_user_allowed`). */
const FORBIDDEN: Readonly<Record<number, (input: Payload) => boolean>> = {
  16641: (input) => (input.u8(IMMEDIATE_FLAG_AT) & 1) !== 0,
  1027: (input) => uuidAt(input, 0) !== VENDOR_DEBUG_LOG,
};

/** Sanitizing takes the mailbox, but for this one. */
const WHILE_SANITIZING = 0x4200;

/**
 * Sends a command that was let through. EBUSY: an input that the kernel does not pass on, or the
 * device is being sanitized; ENOMEM: no memory for an answer of this size.
 */
export function sendCommand(
  memdev: Memdev,
  { opcode }: KernelCommand,
  input: Payload,
  sizeOut: number,
  now: Clock,
): SendResult {
  if (FORBIDDEN[opcode]?.(input))
    throw new KernelError('EBUSY', 'the kernel does not let programs ask for that');
  if (sizeOut > LARGEST_ANSWER) throw new KernelError('ENOMEM', `no room for ${sizeOut} bytes`);
  if (memdev.sanitizing && opcode !== WHILE_SANITIZING)
    throw new KernelError('EBUSY', `${memdev.name} is being sanitized`);
  const room = sizeOut < 0 ? memdev.hardware.config.payloadMax : sizeOut;
  const { code, answer, reason } = perform(memdev.hardware, opcode, input, now);
  // A device that refuses leaves the buffer as it was prepared, and the kernel copies all of it.
  const bytes =
    code === RETURN_CODE.success ? answer.bytes.subarray(0, room) : new Uint8Array(room);
  return { code, answer: bytes, reason };
}
