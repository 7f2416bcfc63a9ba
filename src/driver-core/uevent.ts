/**
 * The uevent stream (`lib/kobject_uevent.c`, 7.2): actions, variables, the global sequence number.
 */
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
export type UeventAction = (typeof UEVENT_ACTIONS)[number];

/** Variables in order, without ACTION, DEVPATH, SUBSYSTEM and SEQNUM. */
export type UeventVariables = ReadonlyMap<string, string>;

export interface Uevent {
  readonly action: UeventAction;
  /** Path below /sys, with a leading slash. */
  readonly devpath: string;
  readonly subsystem: string;
  readonly variables: UeventVariables;
  readonly sequence: number;
}

export class UeventStream {
  private sequenceNumber = 0;
  private readonly listeners = new Set<(event: Uevent) => void>();

  /** /sys/kernel/uevent_seqnum: counts the events sent, the first is 1. */
  get sequence(): number {
    return this.sequenceNumber;
  }

  emit(
    action: UeventAction,
    devpath: string,
    subsystem: string,
    variables: UeventVariables = new Map(),
  ): void {
    this.sequenceNumber += 1;
    const event: Uevent = { action, devpath, subsystem, variables, sequence: this.sequenceNumber };
    for (const listener of [...this.listeners]) listener(event);
  }

  subscribe(listener: (event: Uevent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
