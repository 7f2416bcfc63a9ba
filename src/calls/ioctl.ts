/**
 * The surface `ioctl`: ioctl(2) of the machine's device nodes.
 */
import { KernelError } from '../errno.ts';
import type { CalledMachine } from './called-machine.ts';
import { CONTINUE, type Conversation } from './conversation.ts';
import { memdevIoctl } from './mailbox.ts';
import type { SystemCall } from './system-call.ts';

const MEMDEV_NODE = /^cxl\/mem(\d+)$/;

/** Arguments of 32 bits arrive in 64, with the sign spread over the upper half or not. */
function low(argument: bigint | undefined): number {
  return Number(BigInt.asUintN(32, argument ?? 0n));
}

/** Devices of the host are the host's business. */
export function* ioctl(call: SystemCall, machine: CalledMachine): Conversation {
  const [descriptor, command, argument = 0n] = call.arguments;
  const device = machine.deviceOf(call.pid, low(descriptor)) ?? '';
  const id = MEMDEV_NODE.exec(device)?.[1];
  if (id === undefined) return CONTINUE;
  try {
    return yield* memdevIoctl(machine.cxl.memdevs.get(Number(id)), low(command), argument, machine);
  } catch (error) {
    if (error instanceof KernelError)
      machine.log.print('info', `/dev/${device}: ioctl refused: ${error.errno}: ${error.reason}`);
    throw error;
  }
}
