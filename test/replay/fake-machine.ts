/**
 * A machine of a few files, for tests of the replayer.
 */

import { Kernel } from '../../src/driver-core/kernel.ts';
import { KernelError } from '../../src/errno.ts';
import { KernfsFile, linkTo } from '../../src/kernfs/node.ts';
import type { Machine } from '../../src/platform/machine.ts';

/**
 * `/sys/bus/fake/`: `value` (a number below 10; ERANGE), `hidden` (write-only), `spawn` (a
 * directory with a uevent appears as deferred work when 1 is written, and goes with 0), `busy`
 * (always EBUSY).
 */
export function fakeMachine(): Machine {
  const kernel = new Kernel();
  const home = kernel.directory('bus/fake');
  let value = 1;
  home.add(
    new KernfsFile('value', 0o644, {
      show: () => `${value}\n`,
      store: (text) => {
        if (Number(text) > 9) throw new KernelError('ERANGE', 'too large');
        value = Number(text);
      },
    }),
  );
  home.add(new KernfsFile('hidden', 0o200, { store: () => undefined }));
  const refuse = (): never => {
    throw new KernelError('EBUSY', 'always');
  };
  home.add(new KernfsFile('busy', 0o644, { show: () => '0\n', store: refuse }));
  const spawn = (): void => {
    const child = home.addDirectory('child');
    child.add(new KernfsFile('dev', 0o444, { show: () => '250:7\n' }));
    child.add(linkTo('home', home));
    kernel.uevents.emit('add', '/bus/fake/child', 'cxl', new Map([['MAJOR', '250']]));
    kernel.uevents.emit('bind', '/bus/fake/child', 'cxl');
    kernel.uevents.emit('add', '/module/fake', 'module');
  };
  home.add(
    new KernfsFile('spawn', 0o200, {
      store: (text) => {
        if (text === '1') kernel.work.schedule('spawn', spawn);
        else home.remove('child');
      },
    }),
  );
  kernel.proc.add(
    new KernfsFile(
      'iomem',
      0o444,
      { show: () => '00001000-00001fff : System RAM\n' },
      { binary: true },
    ),
  );
  return { kernel };
}
