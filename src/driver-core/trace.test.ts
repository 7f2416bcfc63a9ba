import { describe, expect, it } from 'vitest';
import { device, failing, testBus } from '../../test/driver-core/test-bus.ts';
import { KernelError, ProbeDeferral } from '../errno.ts';
import { formatDriverEvent } from './trace.ts';

describe('trace', () => {
  /** A bus with a device for each driver; what is traced from then on. */
  function tracedBus(): ReturnType<typeof testBus> & {
    traced: (path: string, text: string) => string[];
  } {
    const machine = testBus();
    const { kernel, bus, write } = machine;
    write('bus/test/drivers_autoprobe', '0');
    for (const name of ['good0', 'bad0', 'later0', 'slow0']) device(kernel, bus, name);
    bus.registerDriver({ name: 'good', probe: () => undefined });
    bus.registerDriver(failing('bad', new KernelError('EIO', 'broken')));
    bus.registerDriver(failing('later', new ProbeDeferral('no supplier')));
    bus.registerDriver({ name: 'slow', asynchronous: true, probe: () => undefined });
    write('bus/test/drivers_autoprobe', '1');
    const lines: string[] = [];
    kernel.trace.subscribe((event) => lines.push(formatDriverEvent(event)));
    const traced = (path: string, text: string): string[] => {
      write(`bus/test/${path}`, text);
      return lines.splice(0);
    };
    return { ...machine, traced };
  }

  it.each<[string, string, string[]]>([
    [
      'drivers/good/bind',
      'good0\n',
      [
        'bind good good0',
        'probe good good0',
        'probe good good0: ok',
        'uevent bind /devices/good0: SEQNUM 10',
        'bind good good0: ok',
      ],
    ],
    [
      'drivers/bad/bind',
      'bad0',
      [
        'bind bad bad0',
        'probe bad bad0',
        'probe bad bad0: EIO: broken',
        'bind bad bad0: EIO: broken',
      ],
    ],
    [
      'drivers/later/bind',
      'later0',
      [
        'bind later later0',
        'probe later later0',
        'probe later later0: EPROBE_DEFER: no supplier',
        'bind later later0: EAGAIN: no supplier',
      ],
    ],
    [
      'drivers/good/bind',
      'gone0',
      ['bind good gone0', "bind good gone0: ENODEV: no device 'gone0' on bus test"],
    ],
    [
      'drivers/good/unbind',
      'good0',
      ['unbind good good0', 'unbind good good0: ENODEV: good0 is not bound to good'],
    ],
    [
      'drivers_probe',
      'later0',
      [
        'drivers_probe later0',
        'probe later later0',
        'probe later later0: EPROBE_DEFER: no supplier',
        'defer later0: no supplier',
        'drivers_probe later0: ok',
      ],
    ],
  ])('of %s, %j', (path, text, expected) => {
    expect(tracedBus().traced(path, text)).toEqual(expected);
  });

  it('has the release of an unbind, and what a bind brings back to the work queue', () => {
    const { kernel, traced } = tracedBus();
    traced('drivers_probe', 'later0');
    expect(traced('drivers/good/bind', 'good0')).toContain('retry later0: queued');
    kernel.work.settle();
    expect(traced('drivers/good/unbind', 'good0')).toEqual([
      'retry later0: run',
      'probe later later0',
      'probe later later0: EPROBE_DEFER: no supplier',
      'defer later0: no supplier',
      'unbind good good0',
      'release good good0',
      'uevent unbind /devices/good0: SEQNUM 11',
      'unbind good good0: ok',
    ]);
  });

  it('has asynchronous probes when they are queued and when they run', () => {
    const { kernel, bus, traced } = tracedBus();
    const slow = device(kernel, bus, 'slow1');
    device(kernel, bus, 'slow2').del();
    slow.emit('change');
    kernel.work.settle();
    expect(traced('drivers_autoprobe', '1')).toEqual([
      'uevent add /devices/slow1: SEQNUM 10',
      'async slow1: queued',
      'uevent add /devices/slow2: SEQNUM 11',
      'async slow2: queued',
      'uevent remove /devices/slow2: SEQNUM 12',
      'uevent change /devices/slow1: SEQNUM 13',
      'async slow1: run',
      'probe slow slow1',
      'probe slow slow1: ok',
      'uevent bind /devices/slow1: SEQNUM 14',
      'async slow2: not needed',
    ]);
  });

  it('has drivers that come and go', () => {
    const { bus, traced } = tracedBus();
    bus.registerDriver({ name: 'bad0', probe: () => undefined }).unregister();
    expect(traced('drivers_autoprobe', '1')).toEqual([
      'register bad0',
      'probe bad0 bad0',
      'probe bad0 bad0: ok',
      'uevent bind /devices/bad0: SEQNUM 10',
      'uevent add /bus/test/drivers/bad0: SEQNUM 11',
      'unregister bad0',
      'release bad0 bad0',
      'uevent unbind /devices/bad0: SEQNUM 12',
      'uevent remove /bus/test/drivers/bad0: SEQNUM 13',
    ]);
  });

  it('ends when the listener leaves', () => {
    const { kernel, bus } = testBus();
    const lines: string[] = [];
    const leave = kernel.trace.subscribe((event) => lines.push(formatDriverEvent(event)));
    device(kernel, bus, 'one0');
    leave();
    device(kernel, bus, 'two0');
    expect(lines).toEqual(['uevent add /devices/one0: SEQNUM 2']);
  });
});
