/**
 * `hotplug step=STEP [errno=EXXX] [times=N] [skip=N]`: a step of adding memory or of onlining a
 * block fails.
 */
import { KernelError } from '../../../errno.ts';
import { ERRNO_NAMES, errnoNamed, errnoValue } from '../errnos.ts';
import { hotplugStep, STEP_WORDS } from '../hotplug-step.ts';
import type { KindAt } from '../kind.ts';
import { STRIKE_OPTIONS, Strikes } from '../strikes.ts';

export const HOTPLUG: KindAt<'memory'> = {
  name: 'hotplug',
  about: 'a step of adding memory or of onlining a block fails',
  command: 'hotplug',
  key: 'hotplug',
  operand: {
    key: 'step',
    keyed: true,
    value: {
      type: 'word',
      what: 'hotplug step',
      words: STEP_WORDS,
      canonical: hotplugStep,
    },
    about: 'such as add:memmap, online:notifier, add:7',
  },
  options: [
    {
      key: 'errno',
      value: errnoValue(ERRNO_NAMES),
      default: 'ENOMEM',
      about: 'ENOMEM if not given',
    },
    ...STRIKE_OPTIONS,
  ],
  stage: 'memory',
  make: ({ kernel, mm }, parameters, number) => {
    const step = parameters.operand;
    const errno = errnoNamed(parameters.options.get('errno'));
    const strikes = new Strikes(parameters);
    const unsubscribe = mm.hotplug.context.steps.subscribe((passed) => {
      if (passed !== step || !strikes.occasion()) return;
      kernel.log.print('info', `cxlbox: fault ${number} strikes: ${step} fails with ${errno}`);
      throw new KernelError(errno, `${step}: injected by fault ${number}`);
    });
    return { struck: () => strikes.count, clear: unsubscribe };
  },
};
