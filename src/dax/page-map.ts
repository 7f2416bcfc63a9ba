/**
 * What the character drivers do at probe: reserve the ranges in /proc/iomem and give them page
 * structures (`dev_dax_probe` of `drivers/dax/device.c`, 7.2).
 */
import { KernelError } from '../errno.ts';
import { hex } from '../kernfs/format.ts';
import { SUBSECTION_SIZE } from '../mm/constants.ts';
import type { DaxDevice } from './dax-device.ts';
import type { DaxRange } from './range-allocation.ts';
import { lengthOf } from './range-allocation.ts';

/**
 * EINVAL: a page map is left over from a probe that failed, or a range does not begin at a multiple
 * of 2 MiB; EBUSY: a range is taken in /proc/iomem. A refusal after the first check leaves a page
 * map behind, so that the next probe gets EINVAL: as in the kernel, the device has to go. All else
 * is undone when the driver is released.
 */
export function claimPageMap(dax: DaxDevice, driverName: string): void {
  const warn = (text: string): void =>
    dax.device.kernel.log.print('warn', `${driverName} ${dax.name}: ${text}`);
  if (dax.pageMap && !dax.region.static) {
    warn('a page map is left over from an earlier probe');
    throw new KernelError('EINVAL', `${dax.name} has a left-over page map`);
  }
  dax.pageMap = true;
  for (const [index, range] of dax.ranges.entries()) {
    try {
      reserve(dax, range);
    } catch (error) {
      warn(`mapping${index}: ${hex(range.start)}-${hex(range.end)} is taken`);
      throw error;
    }
  }
  // memremap_pages(): lengths are multiples already, starts need not be.
  const skewed = dax.ranges.find((range) => range.start % SUBSECTION_SIZE !== 0);
  if (skewed !== undefined)
    throw new KernelError('EINVAL', `${hex(skewed.start)} is not a multiple of 2 MiB`);
  dax.device.devres.add('character device', () => dax.kill());
  dax.serve();
}

function reserve(dax: DaxDevice, range: DaxRange): void {
  const { iomem } = dax.region.context.memory;
  const resource = iomem.request(range.start, lengthOf(range), dax.name);
  dax.device.devres.add(`iomem ${dax.name}`, () => iomem.release(resource));
}
