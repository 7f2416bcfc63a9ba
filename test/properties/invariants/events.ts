/**
 * uevents: numbered without a gap, nothing added twice or removed unseen, and what the events say
 * of who exists and who is bound is what the tree says.
 */
import type { Uevent } from '../../../src/driver-core/uevent.ts';
import type { MachineRun } from '../machine-run.ts';
import { must } from './must.ts';
import type { TreeDump } from './tree.ts';

/**
 * Directories with a `uevent` file that a bus or a class has; what was written is not their
 * content.
 */
function devicesIn(dump: TreeDump): string[] {
  const devices: string[] = [];
  for (const path of dump.keys()) {
    if (!path.startsWith('/sys/devices/') || !path.endsWith('/uevent')) continue;
    const device = path.slice(0, -'/uevent'.length);
    if (dump.has(`${device}/subsystem`)) devices.push(device.slice('/sys'.length));
  }
  return devices;
}

function boundIn(dump: TreeDump): string[] {
  return devicesIn(dump).filter((device) => dump.has(`/sys${device}/driver`));
}

export class EventInvariants {
  private readonly run: MachineRun;
  private readonly alive: Set<string>;
  private readonly bound: Set<string>;
  private seen = 0;
  private sequence: number;

  constructor(run: MachineRun, dump: TreeDump) {
    this.run = run;
    this.alive = new Set(devicesIn(dump));
    this.bound = new Set(boundIn(dump));
    this.sequence = Number(run.view.read('/sys/kernel/uevent_seqnum'));
  }

  /** The events since the last call. */
  check(): void {
    const { events } = this.run;
    for (; this.seen < events.length; this.seen += 1) {
      const event = events[this.seen];
      if (event !== undefined) this.take(event);
    }
    const shown = Number(this.run.view.read('/sys/kernel/uevent_seqnum'));
    must(shown === this.sequence, () => `uevent_seqnum is ${shown} behind event ${this.sequence}`);
  }

  private take(event: Uevent): void {
    const { action, devpath } = event;
    must(
      event.sequence === this.sequence + 1,
      () => `event ${event.sequence} follows ${this.sequence}`,
    );
    this.sequence = event.sequence;
    if (event.variables.has('SYNTH_UUID') || !devpath.startsWith('/devices/')) return;
    const known = this.alive.has(devpath);
    must(
      (action === 'add') !== known,
      () => `${action} ${devpath}, which is ${known ? 'there' : 'not there'}`,
    );
    if (action === 'add') this.alive.add(devpath);
    if (action === 'remove') {
      must(!this.bound.has(devpath), () => `remove ${devpath} without unbind`);
      this.alive.delete(devpath);
    }
    if (action === 'bind') {
      must(!this.bound.has(devpath), () => `bind ${devpath}, which is bound`);
      this.bound.add(devpath);
    }
    if (action === 'unbind')
      must(this.bound.delete(devpath), () => `unbind ${devpath}, which is not bound`);
  }

  /** What the events told against what is there. */
  checkAgainst(dump: TreeDump): void {
    for (const [told, found, what] of [
      [this.alive, devicesIn(dump), 'there'],
      [this.bound, boundIn(dump), 'bound'],
    ] as const) {
      for (const device of found)
        must(told.has(device), () => `no event said that ${device} is ${what}`);
      must(told.size === found.length, () => {
        const gone = [...told].filter((device) => !found.includes(device));
        return `events say that ${gone.join(' ')} is ${what}`;
      });
    }
  }
}
