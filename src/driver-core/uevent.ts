/**
 * The uevent stream (`lib/kobject_uevent.c`, 7.2): actions, variables, the global sequence number.
 */
import type { DriverTrace } from './trace.ts';

export const UEVENT_ACTIONS = [
  'add',
  'remove',
  'change',
  'move',
  'online',
  'offline',
  'bind',
  'unbind',
] as const;
/** What happened to a device: the ACTION of a uevent. */
export type UeventAction = (typeof UEVENT_ACTIONS)[number];

/** Variables in order, without ACTION, DEVPATH, SUBSYSTEM and SEQNUM. */
export type UeventVariables = ReadonlyMap<string, string>;

/** One uevent, as udev would get it: see {@link uevents}. */
export interface Uevent {
  readonly action: UeventAction;
  /** Path below /sys, with a leading slash. */
  readonly devpath: string;
  /** Such as `cxl`, `dax`, `memory`, `node`, `drivers`. */
  readonly subsystem: string;
  readonly variables: UeventVariables;
  /** SEQNUM: counts the uevents of the machine, the first of its boot is 1. */
  readonly sequence: number;
}

const NO_VARIABLES: UeventVariables = new Map();

export class UeventStream {
  private sequenceNumber = 0;
  /** Replaced, not changed: a listener may come or go while an event is told. */
  private listeners: readonly ((event: Uevent) => void)[] = [];
  private readonly trace: DriverTrace;

  constructor(trace: DriverTrace) {
    this.trace = trace;
  }

  /** /sys/kernel/uevent_seqnum: counts the events sent, the first is 1. */
  get sequence(): number {
    return this.sequenceNumber;
  }

  emit(
    action: UeventAction,
    devpath: string,
    subsystem: string,
    variables: UeventVariables = NO_VARIABLES,
  ): void {
    this.sequenceNumber += 1;
    const sequence = this.sequenceNumber;
    if (this.trace.active) this.trace.send({ step: 'uevent', action, devpath, sequence });
    const event: Uevent = { action, devpath, subsystem, variables, sequence };
    for (const listener of this.listeners) listener(event);
  }

  subscribe(listener: (event: Uevent) => void): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter((each) => each !== listener);
    };
  }
}
