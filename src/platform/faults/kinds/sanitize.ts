/**
 * `sanitize [DEVICE] [errno=EXXX] [times=N] [skip=N]`: a memory device refuses to erase itself
 * (`__cxl_mem_sanitize`, `drivers/cxl/core/mbox.c`, 7.2), or does not answer.
 */
import { KernelError } from '../../../errno.ts';
import { errnoNamed, errnoValue } from '../errnos.ts';
import type { KindAt } from '../kind.ts';
import { STRIKE_OPTIONS, Strikes } from '../strikes.ts';

/** What the kernel refuses by itself does not reach the device, and is not an occasion. */
export const SANITIZE: KindAt<'cxl'> = {
  name: 'sanitize',
  about: 'a memory device refuses to sanitize or to erase itself',
  command: 'sanitize',
  key: 'sanitize',
  operand: {
    key: 'device',
    optional: true,
    value: { type: 'name', of: 'any' },
    about: 'memN, or its PCI address; without, any memory device',
  },
  options: [
    {
      key: 'errno',
      value: errnoValue(['ENXIO', 'ETIMEDOUT']),
      default: 'ENXIO',
      about: 'ENXIO if not given, or ETIMEDOUT',
    },
    ...STRIKE_OPTIONS,
  ],
  stage: 'cxl',
  make: ({ kernel, cxl, namesOf }, parameters, number) => {
    const { operand } = parameters;
    const errno = errnoNamed(parameters.options.get('errno'));
    const strikes = new Strikes(parameters);
    const unsubscribe = cxl.pci.security.commands.subscribe(({ memdev, operation }) => {
      const names = namesOf({ name: memdev.name, object: memdev });
      if (operand !== undefined && !names.includes(operand)) return;
      if (!strikes.occasion()) return;
      const { address } = memdev.hardware.config;
      kernel.log.print('err', `cxl_pci ${address}: ${memdev.name} did not ${operation}: ${errno}`);
      throw new KernelError(errno, `${memdev.name}: injected by fault ${number}`);
    });
    return { struck: () => strikes.count, clear: unsubscribe };
  },
};
