/**
 * `link-down PORT`: the link of a port goes down, and with it all that is below.
 */
import type { KindAt } from '../kind.ts';
import { functionNamed } from '../lost-function.ts';

/** ENODEV: no such port or device; EINVAL, EEXIST, EBUSY: see takeLinkDown(). */
export const LINK_DOWN: KindAt<'end'> = {
  name: 'link-down',
  about: 'the link of a port goes down, and all devices below it are lost',
  command: 'link-down',
  key: 'link_down',
  operand: {
    key: 'port',
    value: { type: 'name', of: 'port' },
    about: 'PCI address of a root port or a switch port, or memN for the port above it',
  },
  options: [],
  stage: 'end',
  make: ({ cxl, unplug }, { operand = '' }) => {
    const found = functionNamed(cxl, operand);
    const port = found.role === 'memory' ? (cxl.pci.parentOf(found) ?? found) : found;
    unplug.takeLinkDown(cxl, port);
    return {
      operand: port.address,
      struck: () => 1,
      clear: () => unplug.bringLinkUp(cxl, port),
    };
  },
};
