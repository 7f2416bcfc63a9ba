/**
 * Devices whose probe asked to be retried (EPROBE_DEFER; `drivers/base/dd.c`, 7.2). Every
 * successful bind of any device moves the whole list to the work queue, where each device is
 * offered again as at its addition.
 */
import type { Device } from './device.ts';
import type { DriverTrace } from './trace.ts';
import type { WorkQueue } from './work-queue.ts';

export class DeferredProbes {
  private readonly pending = new Map<Device, string>();
  private readonly work: WorkQueue;
  private readonly trace: DriverTrace;

  constructor(work: WorkQueue, trace: DriverTrace) {
    this.work = work;
    this.trace = trace;
  }

  add(device: Device, reason: string): void {
    this.pending.set(device, reason);
    this.trace.note('defer', undefined, device.name, reason);
  }

  forget(device: Device): void {
    this.pending.delete(device);
  }

  /** Names and reasons, as debugfs `devices_deferred` lists them. */
  list(): { readonly name: string; readonly reason: string }[] {
    return [...this.pending].map(([device, reason]) => ({ name: device.name, reason }));
  }

  /** driver_deferred_probe_trigger() */
  retry(): void {
    const active = [...this.pending.keys()];
    this.pending.clear();
    for (const device of active) {
      this.trace.note('retry', undefined, device.name, 'queued');
      this.work.schedule(`retry the deferred probe of ${device.name}`, () => {
        const unbound = device.registered && device.driver === undefined;
        this.trace.note('retry', undefined, device.name, unbound ? 'run' : 'not needed');
        if (unbound) device.bus?.autoprobe(device);
      });
    }
  }
}
