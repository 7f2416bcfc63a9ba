/**
 * `hotplug step=STEP [errno=EXXX] [times=N] [skip=N]`: a step of adding memory or of onlining a block fails.
 */
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { MemoryManagement } from '../../mm/memory-management.ts';
import { suggestion } from '../description/did-you-mean.ts';
import { ERRNO_NAMES, invalid, parametersText, wordOf } from './fault-line.ts';
import type { MakeFault } from './fault-list.ts';
import { hotplugStep, STEP_WORDS } from './hotplug-step.ts';
import { Strikes } from './strikes.ts';

/** EINVAL: no step that can fail, no such errno. */
export function hotplugFaults(kernel: Kernel, mm: MemoryManagement): MakeFault {
  return (line, number) => {
    line.expect(['step', 'errno', 'times', 'skip'], 0);
    const text = line.required('step');
    const step = hotplugStep(text);
    if (step === undefined)
      throw invalid(`'${text}' is no step that can fail${suggestion(text, STEP_WORDS)}`);
    const errno = wordOf('errno', line.text('errno') ?? 'ENOMEM', ERRNO_NAMES);
    const limits = line.limits();
    const strikes = new Strikes(limits);
    const unsubscribe = mm.hotplug.context.steps.subscribe((passed) => {
      if (passed !== step || !strikes.occasion()) return;
      kernel.log.print('info', `cxlbox: fault ${number} strikes: ${step} fails with ${errno}`);
      throw new KernelError(errno, `${step}: injected by fault ${number}`);
    });
    return {
      kind: 'hotplug',
      parameters: parametersText([
        ['step', step],
        ['errno', errno],
        ['times', limits.times],
        ['skip', line.text('skip')],
      ]),
      get struck() {
        return strikes.count;
      },
      clear: unsubscribe,
    };
  };
}
