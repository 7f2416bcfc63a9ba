/**
 * What is told and asked when memory devices erase themselves: one set of points for all devices of
 * a machine.
 */
import { FaultPoint } from '../../driver-core/fault-point.ts';
import type { Memdev } from './memdev.ts';
import type { MemoryHardware } from './memory-hardware.ts';

/** A command of the mailbox that a device is about to begin. */
export interface SecurityCommand {
  readonly memdev: Memdev;
  readonly operation: 'sanitize' | 'erase';
  /** How long it goes on in the background; a listener may change it. */
  milliseconds: number;
}

export class SecurityPoints {
  /** Passed before a device begins. */
  readonly commands = new FaultPoint<readonly [command: SecurityCommand]>();
  /** Passed when everything that the device held is gone. */
  readonly erased = new FaultPoint<readonly [hardware: MemoryHardware]>();
}
