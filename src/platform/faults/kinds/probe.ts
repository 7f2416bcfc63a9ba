/**
 * `probe DRIVER [device=NAME] errno=EXXX [times=N] [skip=N]`: the driver refuses devices.
 */
import { KernelError, ProbeDeferral } from '../../../errno.ts';
import { DRIVER_NAMES } from '../driver-names.ts';
import { ERRNO_NAMES, errnoNamed, errnoValue } from '../errnos.ts';
import type { KindAt } from '../kind.ts';
import { STRIKE_OPTIONS, Strikes } from '../strikes.ts';

/** The wish to be asked again, which no file operation ever gives. */
const DEFERRAL = 'EPROBE_DEFER';

function failure(errno: string | undefined, reason: string): KernelError | ProbeDeferral {
  return errno === DEFERRAL
    ? new ProbeDeferral(reason)
    : new KernelError(errnoNamed(errno), reason);
}

/** The device may be one that is still to come. */
export const PROBE: KindAt<'start'> = {
  name: 'probe',
  about: 'a driver fails to probe devices',
  command: 'probe',
  key: 'probe',
  operand: {
    key: 'driver',
    value: { type: 'word', what: 'driver', words: DRIVER_NAMES },
    about: 'such as kmem, cxl_mem, cxl_devdax_region',
  },
  options: [
    { key: 'device', value: { type: 'name', of: 'any' }, about: 'only this device' },
    {
      key: 'errno',
      value: errnoValue([...ERRNO_NAMES, DEFERRAL]),
      required: true,
      about: 'such as ENOMEM, or EPROBE_DEFER',
    },
    ...STRIKE_OPTIONS,
  ],
  stage: 'start',
  make: ({ kernel, namesOf }, parameters, number) => {
    const { operand: driver, options } = parameters;
    const device = options.get('device');
    const errno = options.get('errno');
    const strikes = new Strikes(parameters);
    const unsubscribe = kernel.probing.subscribe((probed, by) => {
      if (by !== driver || (device !== undefined && !namesOf(probed).includes(device))) return;
      if (strikes.occasion()) throw failure(errno, `injected by fault ${number}`);
    });
    return {
      struck: () => strikes.count,
      clear: () => {
        unsubscribe();
        // What a deferred device waited for is there now.
        if (errno === DEFERRAL) kernel.deferred.retry();
      },
    };
  },
};
