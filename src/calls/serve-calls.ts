/**
 * debugfs `cxlbox/calls`: where the bridge of a box brings the system calls that it holds.
 */
import { addBoxStream } from '../cxlbox-abi/box-file.ts';
import { CALLS } from '../cxlbox-abi/calls.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';
import { CallChannel } from './call-channel.ts';
import type { CalledMachine, CallHost } from './called-machine.ts';
import { CONTINUE, type Conversation } from './conversation.ts';
import { ioctl } from './ioctl.ts';
import { SYSTEM_CALL, type SystemCall } from './system-call.ts';

type Surface = (call: SystemCall, machine: CalledMachine) => Conversation;

const SURFACES: ReadonlyMap<number, Surface> = new Map([[SYSTEM_CALL.ioctl, ioctl]]);

// biome-ignore lint/correctness/useYield: a call of no surface needs nothing of the caller
function* leaveToHost(): Conversation {
  return CONTINUE;
}

/** Answers one call. */
export function answer(call: SystemCall, machine: CalledMachine): Conversation {
  return SURFACES.get(call.number)?.(call, machine) ?? leaveToHost();
}

/** Adds the file. A second bridge gets EBUSY. */
export function serveCalls(kernel: Kernel, cxl: CalledMachine['cxl'], host: CallHost): void {
  const machine: CalledMachine = {
    cxl,
    log: kernel.log,
    deviceOf: (pid, descriptor) => host.deviceOf(pid, descriptor),
    now: () => host.now(),
  };
  let taken = false;
  addBoxStream(kernel.root, CALLS, () => {
    if (taken) throw new KernelError('EBUSY', 'the box has a bridge already');
    taken = true;
    return new CallChannel(
      (call) => answer(call, machine),
      () => {
        taken = false;
        host.left();
      },
    );
  });
}
