/**
 * `security/` of a memory device: state, sanitize, erase (`cxl_mem_sanitize`,
 * `drivers/cxl/core/mbox.c`, 7.2).
 */

import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { kstrtobool } from '../../kernfs/parse.ts';
import type { Memdev } from '../objects/memdev.ts';
import { SECURITY_FILES } from '../sources.ts';
import { secureErase, startSanitize } from './sanitize.ts';

/**
 * EINVAL: not true. EBUSY: unbound, a decoder committed, or an operation already runs. Returns the
 * kernel of the device.
 */
function assertErasable(memdev: Memdev, text: string): Kernel {
  if (!kstrtobool(text)) throw new KernelError('EINVAL', 'only a true value starts the operation');
  if (memdev.endpoint === undefined || memdev.device === undefined)
    throw new KernelError('EBUSY', `${memdev.name} is not bound to cxl_mem`);
  if (memdev.endpoint.commitEnd >= 0)
    throw new KernelError('EBUSY', `${memdev.name} has a committed decoder`);
  if (memdev.sanitizing) throw new KernelError('EBUSY', `${memdev.name} is being sanitized`);
  return memdev.device.kernel;
}

/** Returns when the operation has begun; `state` says when it ends. ENXIO: the device refuses. */
function sanitize(memdev: Memdev, text: string): void {
  startSanitize(memdev, assertErasable(memdev, text));
}

/** ENXIO: the device refuses. */
function erase(memdev: Memdev, text: string): void {
  assertErasable(memdev, text);
  secureErase(memdev);
}

export const SECURITY_GROUP: AttributeGroup<Memdev> = {
  name: 'security',
  source: SECURITY_FILES,
  attributes: [
    {
      name: 'state',
      mode: 0o444,
      show: (memdev) => (memdev.sanitizing ? 'sanitize\n' : 'disabled\n'),
    },
    { name: 'sanitize', mode: 0o200, store: sanitize },
    { name: 'erase', mode: 0o200, store: erase },
  ],
  visible: ({ hardware }, attribute) => {
    const { sanitize: sanitizes = true, erase: erases = false } = hardware.config.features ?? {};
    const supported: Readonly<Record<string, boolean>> = {
      state: true,
      sanitize: sanitizes,
      erase: erases,
    };
    return supported[attribute.name] ? attribute.mode : 0;
  },
};
