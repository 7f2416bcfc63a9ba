/**
 * `probe DRIVER [device=NAME] errno=EXXX [times=N] [skip=N]`: the driver refuses devices.
 */
import { Memdev } from '../../cxl/objects/memdev.ts';
import { Port } from '../../cxl/objects/port.ts';
import type { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError, ProbeDeferral } from '../../errno.ts';
import { DRIVER_NAMES } from './driver-names.ts';
import { PROBE_ERRNOS, type ProbeErrno, parametersText, wordOf } from './fault-line.ts';
import type { MakeFault } from './fault-list.ts';
import { Strikes } from './strikes.ts';

/** Its own name; memN and its endpoint also by the PCI address of the memory device, and the endpoint by memN. */
function namesOf({ name, object }: Device): string[] {
  if (object instanceof Memdev) return [name, object.hardware.config.address];
  if (object instanceof Port && object.memdev !== undefined)
    return [name, object.memdev.name, object.memdev.hardware.config.address];
  return [name];
}

function failure(errno: ProbeErrno, reason: string): KernelError | ProbeDeferral {
  return errno === 'EPROBE_DEFER' ? new ProbeDeferral(reason) : new KernelError(errno, reason);
}

/** EINVAL: no such driver, no such errno. The device may be one that is still to come. */
export function probeFaults(kernel: Kernel): MakeFault {
  return (line, number) => {
    line.expect(['device', 'errno', 'times', 'skip'], 1);
    const driver = wordOf('driver', line.operand, DRIVER_NAMES);
    const errno = wordOf('errno', line.required('errno'), PROBE_ERRNOS);
    const device = line.text('device');
    const limits = line.limits();
    const strikes = new Strikes(limits);
    const unsubscribe = kernel.probing.subscribe((probed, by) => {
      if (by !== driver || (device !== undefined && !namesOf(probed).includes(device))) return;
      if (strikes.occasion()) throw failure(errno, `injected by fault ${number}`);
    });
    const options = parametersText([
      ['device', device],
      ['errno', errno],
      ['times', limits.times],
      ['skip', line.text('skip')],
    ]);
    return {
      kind: 'probe',
      parameters: `${driver} ${options}`,
      get struck() {
        return strikes.count;
      },
      clear: () => {
        unsubscribe();
        // What a deferred device waited for is there now.
        if (errno === 'EPROBE_DEFER') kernel.deferred.retry();
      },
    };
  };
}
