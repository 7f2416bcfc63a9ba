import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../test/errno-of.ts';
import { KernelError, ProbeDeferral } from '../errno.ts';
import { readFile, writeFile } from '../kernfs/access.ts';
import { Bus } from './bus.ts';
import { Device } from './device.ts';
import type { Driver } from './driver.ts';
import { Kernel } from './kernel.ts';
import { formatDriverEvent } from './trace.ts';

/** A bus on which a driver takes the devices whose name begins with its own. */
function testBus(): {
  kernel: Kernel;
  bus: Bus;
  events: string[];
  write: (path: string, text: string) => string;
} {
  const kernel = new Kernel();
  const bus = new Bus(kernel, {
    name: 'test',
    match: (device, driver) => device.name.startsWith(driver.name),
    uevent: () => [['MODALIAS', 'test:t1']],
  });
  const events: string[] = [];
  kernel.uevents.subscribe(({ action, devpath }) => events.push(`${action}@${devpath}`));
  const write = (path: string, text: string): string =>
    errnoOf(() => writeFile(kernel.sys, path, text));
  return { kernel, bus, events, write };
}

function device(kernel: Kernel, bus: Bus, name: string, parent?: Device): Device {
  return new Device(kernel, { name, object: name, bus, parent }).add();
}

function failing(name: string, error: Error): Driver {
  return {
    name,
    probe: () => {
      throw error;
    },
  };
}

describe('bind', () => {
  it('makes its checks in the order of the driver core', () => {
    const { kernel, bus, write } = testBus();
    write('bus/test/drivers_autoprobe', '0');
    for (const name of ['good0', 'busy0', 'defer0', 'other0']) device(kernel, bus, name);
    bus.registerDriver({ name: 'good', probe: () => undefined });
    bus.registerDriver(failing('busy', new KernelError('EIO', 'broken')));
    bus.registerDriver(failing('defer', new ProbeDeferral('later')));
    const table: [string, string, string][] = [
      ['good', 'nothing', 'ENODEV'],
      ['good', 'other0', 'ENODEV'],
      ['good', 'good0 ', 'ENODEV'],
      ['good', 'good0\n', 'ok'],
      ['good', 'good0', 'EBUSY'],
      ['busy', 'busy0', 'EIO'],
      ['defer', 'defer0', 'EAGAIN'],
    ];
    expect(table.map(([driver, name]) => write(`bus/test/drivers/${driver}/bind`, name))).toEqual(
      table.map(([, , expected]) => expected),
    );
    expect(write('bus/test/drivers/busy/unbind', 'good0')).toBe('ENODEV');
    expect(write('bus/test/drivers/good/unbind', 'other0')).toBe('ENODEV');
    expect(write('bus/test/drivers/good/unbind', 'good0\n')).toBe('ok');
  });

  it('refuses a device that still has managed resources', () => {
    const { kernel, bus, write } = testBus();
    const one = device(kernel, bus, 'good0');
    one.devres.add('left over', () => undefined);
    bus.registerDriver({ name: 'good', probe: () => undefined });
    expect(write('bus/test/drivers/good/bind', 'good0')).toBe('EBUSY');
    expect(write('bus/test/drivers_probe', 'good0')).toBe('EINVAL');
  });

  it('shows the driver link during probe and takes it back on failure', () => {
    const { kernel, bus } = testBus();
    let during: boolean | undefined;
    bus.registerDriver({
      name: 'good',
      probe: (each) => {
        during = each.directory?.lookup('driver') !== undefined;
        each.devres.add('undo', () => undefined);
        throw new KernelError('ENXIO', 'no');
      },
    });
    const one = device(kernel, bus, 'good0');
    expect(during).toBe(true);
    expect(one.directory?.lookup('driver')).toBeUndefined();
    expect(one.devres.empty).toBe(true);
  });
});

describe('uevents', () => {
  it('of children added in probe come before the bind of the parent, and go in reverse', () => {
    const { kernel, bus, events, write } = testBus();
    bus.registerDriver({
      name: 'parent',
      probe: (each) => {
        const child = device(kernel, bus, 'child0', each);
        each.devres.add('child', () => child.del());
      },
    });
    events.length = 0;
    device(kernel, bus, 'parent0');
    write('bus/test/drivers/parent/unbind', 'parent0');
    expect(events).toEqual([
      'add@/devices/parent0',
      'add@/devices/parent0/child0',
      'bind@/devices/parent0',
      'remove@/devices/parent0/child0',
      'unbind@/devices/parent0',
    ]);
  });

  it('carry DRIVER while bound, and no MODALIAS on unbind', () => {
    const { kernel, bus, write } = testBus();
    bus.registerDriver({ name: 'good', probe: () => undefined });
    const seen: string[] = [];
    kernel.uevents.subscribe(({ action, variables }) => {
      seen.push(`${action} ${[...variables].map(([key, value]) => `${key}=${value}`).join(' ')}`);
    });
    const one = device(kernel, bus, 'good0');
    expect(readFile(kernel.sys, 'devices/good0/uevent')).toBe('DRIVER=good\nMODALIAS=test:t1\n');
    write('bus/test/drivers/good/unbind', 'good0');
    one.del();
    expect(seen).toEqual([
      'add MODALIAS=test:t1',
      'bind DRIVER=good MODALIAS=test:t1',
      'unbind ',
      'remove MODALIAS=test:t1',
    ]);
    expect(readFile(kernel.sys, 'kernel/uevent_seqnum')).toBe(`${kernel.uevents.sequence}\n`);
  });

  it.each([
    ['add', 'ok'],
    ['change\n', 'ok'],
    ['add\0', 'ok'],
    ['offline 01234567-89ab-cdef-0123-456789abcdef A=b C=d', 'ok'],
    ['\n', 'EINVAL'],
    ['Add', 'EINVAL'],
    ['added', 'EINVAL'],
    ['add ', 'EINVAL'],
    ['add 1234', 'EINVAL'],
    ['add 01234567-89ab-cdef-0123-456789abcdef A=', 'EINVAL'],
    ['add 01234567-89ab-cdef-0123-456789abcdef A=b  C=d', 'EINVAL'],
  ])('written to a uevent file as %j: %s', (text, expected) => {
    const { kernel, bus, write } = testBus();
    device(kernel, bus, 'good0');
    expect(write('devices/good0/uevent', text)).toBe(expected);
    expect(write('bus/test/uevent', text)).toBe(expected);
  });
});

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

describe('automatic binding', () => {
  it('asks drivers in registration order until one takes the device', () => {
    const { kernel, bus } = testBus();
    bus.registerDriver(failing('good', new KernelError('ENODEV', 'not mine')));
    const second = new Bus(kernel, { name: 'any' });
    const asked: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      second.registerDriver({
        name,
        probe: () => {
          asked.push(name);
          if (name === 'first') throw new KernelError('ENXIO', 'no');
        },
      });
    }
    expect(device(kernel, second, 'thing').driver?.name).toBe('second');
    expect(asked).toEqual(['first', 'second']);
  });

  it('leaves asynchronous drivers to the work queue', () => {
    const { kernel, bus } = testBus();
    bus.registerDriver({ name: 'slow', asynchronous: true, probe: () => undefined });
    const one = device(kernel, bus, 'slow0');
    expect(one.driver).toBeUndefined();
    kernel.work.settle();
    expect(one.driver?.name).toBe('slow');
    expect(kernel.work.pending).toEqual([]);
  });

  it('tries deferred probes again after any successful bind', () => {
    const { kernel, bus } = testBus();
    let supplied = false;
    bus.registerDriver({
      name: 'needs',
      probe: () => {
        if (!supplied) throw new ProbeDeferral('supplier not ready');
      },
    });
    bus.registerDriver({ name: 'supplier', probe: () => undefined });
    const needing = device(kernel, bus, 'needs0');
    expect(kernel.deferred.list()).toEqual([{ name: 'needs0', reason: 'supplier not ready' }]);
    supplied = true;
    device(kernel, bus, 'supplier0');
    kernel.work.settle();
    expect(needing.driver?.name).toBe('needs');
    expect(kernel.deferred.list()).toEqual([]);
  });

  it('drivers_probe hides what the probe answers', () => {
    const { kernel, bus, write } = testBus();
    bus.registerDriver(failing('bad', new KernelError('EIO', 'broken')));
    device(kernel, bus, 'bad0');
    expect(write('bus/test/drivers_probe', 'bad0')).toBe('ok');
    expect(write('bus/test/drivers_probe', 'nobody')).toBe('ENODEV');
  });

  it('is switched off by a leading 0 only', () => {
    const { kernel, bus, write } = testBus();
    bus.registerDriver({ name: 'good', probe: () => undefined });
    write('bus/test/drivers_autoprobe', '0\n');
    expect(device(kernel, bus, 'good0').driver).toBeUndefined();
    write('bus/test/drivers_autoprobe', 'nonsense');
    expect(readFile(kernel.sys, 'bus/test/drivers_autoprobe')).toBe('1\n');
    expect(device(kernel, bus, 'good1').driver?.name).toBe('good');
  });
});

describe('teardown', () => {
  it('releases managed resources in reverse, after the links are gone', () => {
    const { kernel, bus } = testBus();
    const order: string[] = [];
    bus.registerDriver({
      name: 'good',
      probe: (each) => {
        for (const label of ['first', 'second']) each.devres.add(label, () => order.push(label));
      },
      remove: (each) => {
        order.push(
          `remove, driver link ${each.directory?.lookup('driver') === undefined ? 'gone' : 'there'}`,
        );
      },
    });
    device(kernel, bus, 'good0').del();
    expect(order).toEqual(['remove, driver link gone', 'second', 'first']);
    expect(bus.device('good0')).toBeUndefined();
    expect(kernel.directory('devices').lookup('good0')).toBeUndefined();
  });

  it('of a driver releases its devices last bound first', () => {
    const { kernel, bus, events } = testBus();
    const driver = bus.registerDriver({ name: 'good', probe: () => undefined });
    device(kernel, bus, 'good0');
    device(kernel, bus, 'good1');
    events.length = 0;
    driver.unregister();
    expect(events).toEqual([
      'unbind@/devices/good1',
      'unbind@/devices/good0',
      'remove@/bus/test/drivers/good',
    ]);
  });

  it('leaves nothing of a device whose name is taken', () => {
    const { kernel, bus } = testBus();
    const parent = device(kernel, bus, 'good0');
    expect(() => device(kernel, bus, 'good0', parent)).toThrow('EEXIST');
    expect(parent.directory?.lookup('good0')).toBeUndefined();
    expect(bus.device('good0')).toBe(parent);
  });
});
