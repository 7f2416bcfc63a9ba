/**
 * The last uevents of a machine. A real kernel keeps none: who was not listening has missed them. A
 * box keeps some, since no program in it can listen.
 */
import type { UeventRecord } from '../cxlbox-abi/events.ts';
import { Ring } from './ring.ts';
import type { Uevent, UeventStream } from './uevent.ts';

const CAPACITY = 4096;

export class UeventHistory {
  private readonly ring = new Ring<Uevent>(CAPACITY);

  /** Keeps what `stream` sends from now on. */
  constructor(stream: UeventStream) {
    stream.subscribe((event) => this.ring.push(event));
  }

  /** The events still held, oldest first. */
  records(): UeventRecord[] {
    return this.ring.entries().map(({ sequence, action, devpath, subsystem, variables }) => ({
      sequence,
      action,
      devpath,
      subsystem,
      variables: Object.fromEntries(variables),
    }));
  }
}
