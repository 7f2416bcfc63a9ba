/**
 * debugfs `cxlbox/`: what a box says about itself and no kernel has a file for.
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
