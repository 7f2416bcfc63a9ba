/**
 * The last uevents of a machine. A real kernel keeps none: who was not listening has missed them. A box keeps some, since
 * no program in it can listen.
 */
import { Ring } from './ring.ts';
import type { Uevent, UeventStream } from './uevent.ts';

const CAPACITY = 4096;

/** One event as plain data; `variables` in the order of the netlink message. */
export interface UeventRecord {
  readonly sequence: number;
  readonly action: string;
  /** Path below /sys, with a leading slash. */
  readonly devpath: string;
  readonly subsystem: string;
  /** Without ACTION, DEVPATH, SUBSYSTEM and SEQNUM. */
  readonly variables: Readonly<Record<string, string>>;
}

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
