/**
 * debugfs files of no subsystem: `cxlbox/`, what a box says about itself and no kernel has a file for; and
 * `devices_deferred` (`deferred_devs_show`, `drivers/base/dd.c`, 7.2).
 */
import type { Kernel } from '../driver-core/kernel.ts';
import type { LogLevel, LogLine } from '../driver-core/kernel-log.ts';
import { UeventHistory } from '../driver-core/uevent-history.ts';
import { KernfsFile } from '../kernfs/node.ts';

export const CXLBOX_DEBUGFS = 'kernel/debug/cxlbox';

/** Severities as /dev/kmsg numbers them (KERN_ERR and so on). */
const SEVERITY: Readonly<Record<LogLevel, number>> = { err: 3, warn: 4, info: 6, debug: 7 };

/** One record of the `log` file, close to one of /dev/kmsg: severity, number, text. A text never spans two lines. */
function logRecord({ level, sequence, text }: LogLine): string {
  return `${SEVERITY[level]},${sequence};${text.replaceAll('\n', ' ')}\n`;
}

/**
 * Adds `log` and `events`, both 0400, readable again and again, pollable (POLLPRI for what came since the last read).
 * To be called before anything is booted: events that were sent earlier are lost.
 */
export function addCxlboxDebugfs(kernel: Kernel): void {
  const directory = kernel.directory(CXLBOX_DEBUGFS);
  const options = { binary: true, size: 0 };
  const history = new UeventHistory(kernel.uevents);
  const events = (): string =>
    history
      .records()
      .map((record) => `${JSON.stringify(record)}\n`)
      .join('');
  const eventsFile = directory.add(new KernfsFile('events', 0o400, { show: events }, options));
  kernel.uevents.subscribe(() => eventsFile.notify());
  const log = (): string => kernel.log.lines().map(logRecord).join('');
  const logFile = directory.add(new KernfsFile('log', 0o400, { show: log }, options));
  kernel.log.subscribe(() => logFile.notify());
}

/** One line for each device that waits for another to be bound. */
export function addDeferredDebugfs(kernel: Kernel): void {
  const show = (): string =>
    kernel.deferred
      .list()
      .map(({ name, reason }) => `${name}\t${reason}\n`)
      .join('');
  kernel
    .directory('kernel/debug')
    .add(new KernfsFile('devices_deferred', 0o444, { show }, { binary: true, size: 0 }));
}
