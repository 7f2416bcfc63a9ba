/**
 * What the driver core does, step by step, for a listener that wants to know: `--trace driver`.
 * Without a listener a step costs one comparison.
 */
import { KernelError, ProbeDeferral } from '../errno.ts';

/** A step of binding or releasing. */
export interface BindingEvent {
  /**
   * `bind`, `unbind` and `drivers_probe` are writes to the files of these names; `probe` and
   * `release` are what the driver does, whatever asked for it. `async` is a probe left to the work queue,
   * `defer` a probe that asked to be retried, `retry` that retry.
   */
  readonly step:
    | 'register'
    | 'unregister'
    | 'bind'
    | 'unbind'
    | 'drivers_probe'
    | 'probe'
    | 'release'
    | 'async'
    | 'defer'
    | 'retry';
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  /** `ok`, `ERRNO: reason`, `queued`, `run`, ...; absent where the step begins. */
  readonly outcome?: string | undefined;
}

/** A uevent, at the moment it is sent. */
export interface UeventEvent {
  readonly step: 'uevent';
  readonly action: string;
  readonly devpath: string;
  readonly sequence: number;
}

/** One step of the driver core: see {@link BootListeners}. */
export type DriverEvent = BindingEvent | UeventEvent;

/** `ERRNO: reason` of a probe or a write that failed. */
export function failureText(error: unknown): string {
  if (error instanceof KernelError) return `${error.errno}: ${error.reason}`;
  if (error instanceof ProbeDeferral) return `EPROBE_DEFER: ${error.message}`;
  return String(error);
}

/** The event as a line of text. */
export function formatDriverEvent(event: DriverEvent): string {
  if (event.step === 'uevent')
    return `uevent ${event.action} ${event.devpath}: SEQNUM ${event.sequence}`;
  const { step, driver, device, outcome } = event;
  const words = [step, driver, device].filter((word) => word !== undefined).join(' ');
  return outcome === undefined ? words : `${words}: ${outcome}`;
}

export class DriverTrace {
  private readonly listeners = new Set<(event: DriverEvent) => void>();

  /** Calls `listener` at each step until the returned function is called. */
  subscribe(listener: (event: DriverEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** False: an event need not be made. */
  get active(): boolean {
    return this.listeners.size > 0;
  }

  send(event: DriverEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  note(step: BindingEvent['step'], driver?: string, device?: string, outcome?: unknown): void {
    if (!this.active) return;
    const text =
      outcome === undefined || typeof outcome === 'string' ? outcome : failureText(outcome);
    this.send({ step, driver, device, outcome: text });
  }

  /** Notes the beginning of `action` and how it ended. */
  around(
    step: BindingEvent['step'],
    driver: string | undefined,
    device: string,
    action: () => void,
  ): void {
    this.note(step, driver, device);
    try {
      action();
    } catch (error) {
      this.note(step, driver, device, error);
      throw error;
    }
    this.note(step, driver, device, 'ok');
  }
}
