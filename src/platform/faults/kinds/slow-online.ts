/**
 * `slow-online milliseconds=MS`: each block that goes online takes this long. It is online at once
 * nevertheless: only the answer to its writer is late.
 */
import type { KindAt } from '../kind.ts';

export const SLOW_ONLINE: KindAt<'memory'> = {
  name: 'slow-online',
  about: 'onlining a memory block takes this long',
  command: 'slow-online',
  key: 'slow_online',
  operand: {
    key: 'milliseconds',
    keyed: true,
    value: { type: 'time' },
    argument: 'time',
    about: 'such as 100ms or 2s',
  },
  options: [],
  stage: 'memory',
  make: ({ kernel, mm }, { operand }) => {
    let struck = 0;
    const unsubscribe = mm.hotplug.context.wentOnline.subscribe(() => {
      struck += 1;
      kernel.owed.owe(Number(operand));
    });
    return { struck: () => struck, clear: unsubscribe };
  },
};
