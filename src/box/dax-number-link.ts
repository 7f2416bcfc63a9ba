/**
 * /sys/dev/char/0:0.
 *
 * daxctl takes st_rdev of /dev/daxN.M and follows /sys/dev/char/MAJOR:MINOR/subsystem to see the
 * class of the device. In a box the device is a regular file, whose st_rdev is 0:0, so this one
 * link to any dax device serves them all. It is found by lookup and not listed: no kernel has it.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import { KernfsLink } from '../kernfs/node.ts';

const NAME = '0:0';
const DAX_DEVICES = 'bus/dax/devices';

export function addDaxNumberLink(kernel: Kernel): void {
  const firstDaxDevice = (): string | undefined => {
    for (const name of kernel.directory(DAX_DEVICES).names()) return name;
    return undefined;
  };
  kernel.directory('dev/char').addSource({
    names: () => [],
    lookup: (name) => {
      if (name !== NAME || firstDaxDevice() === undefined) return undefined;
      return new KernfsLink(NAME, () => `../../${DAX_DEVICES}/${firstDaxDevice() ?? ''}`);
    },
  });
}
