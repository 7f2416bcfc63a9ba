/**
 * `slow-online milliseconds=MS`: each block that goes online takes so long. It is online at once all the same: who wrote
 * learns of it late.
 */
import type { Kernel } from '../../driver-core/kernel.ts';
import type { MemoryManagement } from '../../mm/memory-management.ts';
import { invalid } from './fault-line.ts';
import type { MakeFault } from './fault-list.ts';

/** EINVAL: no number of milliseconds. */
export function slowOnline(kernel: Kernel, mm: MemoryManagement): MakeFault {
  return (line) => {
    line.expect(['milliseconds'], 0);
    const milliseconds = line.number('milliseconds', 1);
    if (milliseconds === undefined) throw invalid('slow-online needs milliseconds=');
    let struck = 0;
    const unsubscribe = mm.hotplug.context.wentOnline.subscribe(() => {
      struck += 1;
      kernel.owed.owe(milliseconds);
    });
    return {
      kind: 'slow-online',
      parameters: `milliseconds=${milliseconds}`,
      get struck() {
        return struck;
      },
      clear: unsubscribe,
    };
  };
}
