/**
 * What every subsystem of one machine shares: the tree, the event stream, the log, the work queue,
 * /dev, where probes can be made to fail.
 */
import { KernfsDirectory, KernfsFile, KernfsRoot } from '../kernfs/node.ts';
import { DeferredProbes } from './deferred-probe.ts';
import type { Device } from './device.ts';
import { Devtmpfs } from './devtmpfs.ts';
import { FaultPoint } from './fault-point.ts';
import { KernelLog } from './kernel-log.ts';
import { OwedTime } from './owed-time.ts';
import { DriverTrace } from './trace.ts';
import { UeventStream } from './uevent.ts';
import { WorkQueue } from './work-queue.ts';

export class Kernel {
  /** "/": holds `sys` and `proc`. */
  readonly root = new KernfsRoot();
  readonly sys = this.root.add(new KernfsDirectory('sys'));
  readonly proc = this.root.add(new KernfsDirectory('proc'));
  /** Who listens hears what the driver core does. */
  readonly trace = new DriverTrace();
  readonly uevents = new UeventStream(this.trace);
  readonly log = new KernelLog();
  readonly work = new WorkQueue();
  readonly deferred = new DeferredProbes(this.work, this.trace);
  readonly devtmpfs = new Devtmpfs();
  /** Passed before each probe, with the device and the name of the driver. */
  readonly probing = new FaultPoint<readonly [device: Device, driver: string]>();
  /** By what the last operations did. */
  readonly owed = new OwedTime();

  constructor() {
    for (const name of ['bus', 'class', 'devices', 'dev', 'firmware', 'fs', 'kernel', 'module'])
      this.sys.ensureDirectory(name);
    const dev = this.directory('dev');
    dev.ensureDirectory('char');
    dev.ensureDirectory('block');
    const show = (): string => `${this.uevents.sequence}\n`;
    this.directory('kernel').add(
      new KernfsFile('uevent_seqnum', 0o444, { show, source: { code: 'kernel/ksysfs.c' } }),
    );
  }

  /** The directory at `path` below /sys, made with its parents if missing. */
  directory(path: string): KernfsDirectory {
    let at = this.sys;
    for (const part of path.split('/')) at = at.ensureDirectory(part);
    return at;
  }
}
