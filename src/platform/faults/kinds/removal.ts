/**
 * `removal DEVICE`: what a machine loses without having been asked.
 */
import type { KindAt } from '../kind.ts';
import { functionNamed } from '../lost-function.ts';

/** ENODEV: no such device; EINVAL, EEXIST, EBUSY: see pullOut(). */
export const REMOVAL: KindAt<'end'> = {
  name: 'removal',
  about: 'a memory device or a switch is pulled out of its slot',
  command: 'remove',
  key: 'removed',
  operand: {
    key: 'device',
    value: { type: 'name', of: 'device' },
    about: 'memN, or a PCI address',
  },
  options: [],
  stage: 'end',
  make: ({ cxl, unplug }, { operand = '' }) => {
    const device = functionNamed(cxl, operand);
    unplug.pullOut(cxl, device);
    return {
      operand: device.address,
      struck: () => 1,
      clear: () => unplug.plugIn(cxl, device),
    };
  },
};
