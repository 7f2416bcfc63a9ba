import { describe, expect, it } from 'vitest';
import { device, failing, testBus } from '../../test/driver-core/test-bus.ts';
import { KernelError, ProbeDeferral } from '../errno.ts';
import { readFile } from '../kernfs/access.ts';
import { Bus } from './bus.ts';

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
