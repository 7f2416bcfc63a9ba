/**
 * `slow-sanitize milliseconds=MS [device=NAME] [times=N] [skip=N]`: the background operation that a
 * write to `security/sanitize` starts ends this much later.
 */
import type { KindAt } from '../kind.ts';
import { STRIKE_OPTIONS, Strikes } from '../strikes.ts';

export const SLOW_SANITIZE: KindAt<'cxl'> = {
  name: 'slow-sanitize',
  about: 'sanitizing a memory device takes this much longer',
  command: 'slow-sanitize',
  key: 'slow_sanitize',
  operand: {
    key: 'milliseconds',
    keyed: true,
    value: { type: 'time' },
    argument: 'time',
    about: 'such as 500ms or 10s',
  },
  options: [
    { key: 'device', value: { type: 'name', of: 'any' }, about: 'only this memory device' },
    ...STRIKE_OPTIONS,
  ],
  stage: 'cxl',
  make: ({ cxl, namesOf }, parameters) => {
    const device = parameters.options.get('device');
    const strikes = new Strikes(parameters);
    const unsubscribe = cxl.pci.security.commands.subscribe((command) => {
      const { memdev, operation } = command;
      if (operation !== 'sanitize') return;
      const names = namesOf({ name: memdev.name, object: memdev });
      if (device !== undefined && !names.includes(device)) return;
      if (strikes.occasion()) command.milliseconds += Number(parameters.operand);
    });
    return { struck: () => strikes.count, clear: unsubscribe };
  },
};
