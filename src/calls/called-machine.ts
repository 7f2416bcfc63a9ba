/**
 * What the answers to system calls need of the machine, and of the processes around it.
 */
import type { CxlSubsystem } from '../cxl/subsystem.ts';
import type { KernelLog } from '../driver-core/kernel-log.ts';

/** What only the host's kernel knows about the callers. */
export interface Callers {
  /**
   * Name below /dev of the device that a descriptor of a process is open on; undefined: it is none
   * of the machine.
   */
  deviceOf(pid: number, descriptor: number): string | undefined;
  /** Nanoseconds since 1970. */
  now(): bigint;
}

/** What is around the machine. */
export interface CallHost extends Callers {
  /** Called when the bridge closes the file of calls: it has ended. */
  left(): void;
}

export interface CalledMachine extends Callers {
  readonly cxl: Pick<CxlSubsystem, 'memdevs'>;
  readonly log: KernelLog;
}
