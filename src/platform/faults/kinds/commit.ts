/**
 * `commit [DEVICE] [errno=EXXX] [times=N] [skip=N]`: the hardware does not take the settings of a
 * decoder, or does not say in time that it did (`cxld_await_commit`, `drivers/cxl/core/hdm.c`,
 * 7.2).
 */
import { KernelError } from '../../../errno.ts';
import { errnoNamed, errnoValue } from '../errnos.ts';
import type { KindAt } from '../kind.ts';
import { STRIKE_OPTIONS, Strikes } from '../strikes.ts';

/**
 * A decoder that is programmed already does not count as an occasion; one of a passthrough port is
 * never programmed.
 */
export const COMMIT: KindAt<'cxl'> = {
  name: 'commit',
  about: 'programming a decoder fails, and with it the commit of a region',
  command: 'commit',
  key: 'commit',
  operand: {
    key: 'device',
    optional: true,
    value: { type: 'name', of: 'any' },
    about: 'a decoder, a port, or memN for the decoders of its endpoint; without, any decoder',
  },
  options: [
    {
      key: 'errno',
      value: errnoValue(['EIO', 'ETIMEDOUT']),
      default: 'EIO',
      about: 'EIO if not given, or ETIMEDOUT',
    },
    ...STRIKE_OPTIONS,
  ],
  stage: 'cxl',
  make: ({ kernel, cxl, namesOf }, parameters, number) => {
    const { operand } = parameters;
    const errno = errnoNamed(parameters.options.get('errno'));
    const strikes = new Strikes(parameters);
    const unsubscribe = cxl.hardware.programming.subscribe(({ name, port }) => {
      const names = [name, ...namesOf({ name: port.name, object: port })];
      if (operand !== undefined && !names.includes(operand)) return;
      if (!strikes.occasion()) return;
      kernel.log.print('err', `cxl_port ${port.name}: ${name} cannot be programmed: ${errno}`);
      throw new KernelError(errno, `${name}: injected by fault ${number}`);
    });
    return { struck: () => strikes.count, clear: unsubscribe };
  },
};
