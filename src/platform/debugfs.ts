/**
 * debugfs files of no subsystem: `cxlbox/`, what a box says about itself and no kernel has a file
 * for; and `devices_deferred` (`deferred_devs_show`, `drivers/base/dd.c`, 7.2).
 */
import { addBoxFile } from '../cxlbox-abi/box-file.ts';
import { EVENTS } from '../cxlbox-abi/events.ts';
import { LOG } from '../cxlbox-abi/log.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import { UeventHistory } from '../driver-core/uevent-history.ts';
import { KernfsFile } from '../kernfs/node.ts';

/**
 * Adds `log` and `events`, both readable again and again, pollable (POLLPRI for what came since the
 * last read). To be called before anything is booted: events that were sent earlier are lost.
 */
export function addCxlboxDebugfs(kernel: Kernel): void {
  const history = new UeventHistory(kernel.uevents);
  const events = addBoxFile(kernel.root, EVENTS, { show: () => history.records() });
  kernel.uevents.subscribe(() => events.notify());
  const log = addBoxFile(kernel.root, LOG, { show: () => kernel.log.lines() });
  kernel.log.subscribe(() => log.notify());
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
    .add(
      new KernfsFile(
        'devices_deferred',
        0o444,
        { show, source: { code: 'drivers/base/dd.c' } },
        { binary: true, size: 0 },
      ),
    );
}
