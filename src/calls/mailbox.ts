/**
 * ioctl(2) of `/dev/cxl/memN`: the memory of the caller around the mailbox
 * (`include/uapi/linux/cxl_mem.h`).
 */

import {
  COMMAND_COUNT,
  isEnabled,
  isExclusive,
  kernelCommand,
} from '../cxl/mailbox/kernel-commands.ts';
import { Payload } from '../cxl/mailbox/payload.ts';
import { checkRequest, type SendRequest, sendCommand } from '../cxl/mailbox/send-command.ts';
import type { Memdev } from '../cxl/objects/memdev.ts';
import { KernelError } from '../errno.ts';
import type { CalledMachine } from './called-machine.ts';
import { type Conversation, done, readMemory, writeMemory } from './conversation.ts';

const INFO_SIZE = 16;
const QUERY_HEADER = 8;
const FLAG = { enabled: 1, exclusive: 2 } as const;

/** `struct cxl_command_info`; all zero for an id that is not in use. */
function writeInfo(infos: Payload, memdev: Memdev, id: number): void {
  const command = kernelCommand(id);
  if (command === undefined) return;
  const flags =
    (isEnabled(memdev, command) ? FLAG.enabled : 0) |
    (isExclusive(memdev, command) ? FLAG.exclusive : 0);
  infos
    .setU32(id * INFO_SIZE, id)
    .setU32(id * INFO_SIZE + 4, flags)
    .setU32(id * INFO_SIZE + 8, command.sizeIn)
    .setU32(id * INFO_SIZE + 12, command.sizeOut);
}

/** CXL_MEM_QUERY_COMMANDS: with room for none the number of commands, else as many as there is. */
function* query(memdev: Memdev, address: bigint): Conversation {
  const room = new Payload(yield* readMemory(address, 4)).u32(0);
  if (room === 0) {
    yield* writeMemory(address, Payload.ofSize(4).setU32(0, COMMAND_COUNT).bytes);
    return done(0);
  }
  const infos = Payload.ofSize(Math.min(room, COMMAND_COUNT) * INFO_SIZE);
  for (let id = 0; id * INFO_SIZE < infos.length; id += 1) writeInfo(infos, memdev, id);
  yield* writeMemory(address + BigInt(QUERY_HEADER), infos.bytes);
  return done(0);
}

/** Places in `struct cxl_send_command`. */
const SEND_SIZE = 48;
const AT = {
  id: 0,
  flags: 4,
  reserved: 8,
  returnCode: 12,
  sizeIn: 16,
  reservedIn: 20,
  input: 24,
  sizeOut: 32,
  reservedOut: 36,
  output: 40,
} as const;

function requestOf(send: Payload): SendRequest {
  return {
    id: send.u32(AT.id),
    flags: send.u32(AT.flags),
    reservedClear: [AT.reserved, AT.reservedIn, AT.reservedOut].every((at) => send.u32(at) === 0),
    sizeIn: send.s32(AT.sizeIn),
    sizeOut: send.s32(AT.sizeOut),
  };
}

/** CXL_MEM_SEND_COMMAND. */
function* send(memdev: Memdev, address: bigint, machine: CalledMachine): Conversation {
  const block = new Payload(yield* readMemory(address, SEND_SIZE));
  const request = requestOf(block);
  const command = checkRequest(memdev, request);
  const input = new Payload(yield* readMemory(block.u64(AT.input), request.sizeIn));
  const { now, log } = machine;
  const { code, answer, reason } = sendCommand(memdev, command, input, request.sizeOut, now);
  if (reason !== '')
    log.print('info', `${memdev.name} refused mailbox command ${command.id}: ${reason}`);
  yield* writeMemory(block.u64(AT.output), answer);
  block.setU32(AT.returnCode, code).setU32(AT.sizeOut, answer.length);
  yield* writeMemory(address, block.bytes);
  return done(0);
}

type MemdevIoctl = (memdev: Memdev, argument: bigint, machine: CalledMachine) => Conversation;

const IOCTLS: ReadonlyMap<number, MemdevIoctl> = new Map([
  [0x8008ce01, query],
  [0xc030ce02, send],
]);

/** ENXIO: the device is gone, only its node is still open; ENOTTY: no such ioctl. */
export function memdevIoctl(
  memdev: Memdev | undefined,
  command: number,
  argument: bigint,
  machine: CalledMachine,
): Conversation {
  if (memdev === undefined) throw new KernelError('ENXIO', 'the memory device is gone');
  const ioctl = IOCTLS.get(command);
  if (ioctl === undefined) throw new KernelError('ENOTTY', `no ioctl 0x${command.toString(16)}`);
  return ioctl(memdev, argument, machine);
}
