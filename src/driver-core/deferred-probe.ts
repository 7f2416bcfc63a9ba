/**
 * Devices whose probe asked to be retried (EPROBE_DEFER; `drivers/base/dd.c`, 7.2). Every successful bind of any device
 * moves the whole list to the work queue, where each device is offered again as at its addition.
 */
import type { Device } from './device.ts';
import type { WorkQueue } from './work-queue.ts';

export class DeferredProbes {
  private readonly pending = new Map<Device, string>();
  private readonly work: WorkQueue;

  constructor(work: WorkQueue) {
    this.work = work;
  }

  add(device: Device, reason: string): void {
    this.pending.set(device, reason);
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
      this.work.schedule(`retry the deferred probe of ${device.name}`, () => {
        if (device.registered && device.driver === undefined) device.bus?.autoprobe(device);
      });
    }
  }
}
