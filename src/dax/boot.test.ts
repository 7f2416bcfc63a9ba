import { describe, expect, it } from 'vitest';
import { DaxMachine, GIB, MIB } from '../../test/dax/dax-machine.ts';
import { KernelError } from '../errno.ts';
import { binarySize } from './binary-size.ts';

describe('drivers of a machine', () => {
  const DRIVER_FILES = ['bind', 'new_id', 'remove_id', 'uevent', 'unbind'];

  it('built in: no module link, whatever the order they are listed in', () => {
    const machine = new DaxMachine({ drivers: ['fsdev_dax', 'kmem', 'device_dax'] });
    expect(machine.list('/sys/bus/dax/drivers')).toEqual(['device_dax', 'fsdev_dax', 'kmem']);
    expect(machine.list('/sys/bus/dax/drivers/kmem')).toEqual(DRIVER_FILES);
    expect(machine.dax.bus.drivers.map(({ name }) => name)).toEqual([
      'device_dax',
      'kmem',
      'fsdev_dax',
    ]);
    expect(() => machine.dax.unloadModule('kmem')).toThrow('EBUSY');
  });

  it('modules: loaded, shown, and gone again', () => {
    const machine = new DaxMachine({ drivers: ['device_dax'], modular: true });
    expect(machine.list('/sys/bus/dax/drivers')).toEqual(['device_dax']);
    machine.dax.loadModule('kmem');
    machine.dax.loadModule('kmem');
    expect(machine.list('/sys/bus/dax/drivers/kmem')).toEqual([...DRIVER_FILES, 'module'].sort());
    expect(machine.read('/sys/bus/dax/drivers/kmem/module/initstate')).toBe('live\n');
    expect(machine.list('/sys/module/kmem/drivers')).toEqual(['dax:kmem']);
    machine.dax.unloadModule('kmem');
    expect([
      machine.exists('/sys/bus/dax/drivers/kmem'),
      machine.exists('/sys/module/kmem'),
    ]).toEqual([false, false]);
    expect(() => machine.dax.unloadModule('kmem')).toThrow(KernelError);
  });

  it('unloading releases the devices, loading takes them again, in the order of events', () => {
    const machine = new DaxMachine({ drivers: ['kmem'], modular: true });
    machine.produce();
    const events: string[] = [];
    machine.kernel.uevents.subscribe(({ action, devpath }) => events.push(`${action} ${devpath}`));
    machine.dax.unloadModule('kmem');
    machine.dax.loadModule('kmem');
    expect(events).toEqual([
      'unbind /devices/dax_region0/dax0.0',
      'remove /bus/dax/drivers/kmem',
      'remove /module/kmem',
      'add /module/kmem',
      'bind /devices/dax_region0/dax0.0',
      'add /bus/dax/drivers/kmem',
    ]);
  });
});

describe('what a box sees', () => {
  it('a node as long as the device, whatever is bound', () => {
    const machine = new DaxMachine();
    machine.produce();
    expect(machine.kernel.devtmpfs.list()).toEqual([
      { name: 'dax0.0', major: 252, minor: 0, mode: 0o600 },
    ]);
    expect(machine.read('/sys/dev/char/252:0/size')).toBe('1073741824\n');
    expect(machine.dax.deviceByNode('dax0.0')).toMatchObject({
      size: GIB,
      align: 2 * MIB,
      driverName: 'kmem',
    });
    expect(machine.dax.deviceByNode('dax0.0')?.served).toBeUndefined();
    machine.write(`${machine.producerPath}/unbind`, 'dax_region0');
    expect(machine.dax.deviceByNode('dax0.0')).toBeUndefined();
    expect(machine.kernel.devtmpfs.list()).toEqual([]);
  });

  it('each change of ranges and of what is served', () => {
    const machine = new DaxMachine();
    const seen: string[] = [];
    const stop = machine.dax.onRangesChanged(({ name, size, served }) =>
      seen.push(`${name} ${size / MIB} ${served?.length}`),
    );
    const { path } = machine.produce({ kmem: false });
    machine.write('/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0');
    machine.write(`${path}/dax0.0/size`, `${2 * MIB}`);
    machine.write(`${path}/dax0.0/mapping`, '420000000-4201fffff');
    stop();
    machine.write(`${path}/dax0.0/size`, '0');
    expect(seen).toEqual([
      'dax0.0 1024 1',
      'dax0.0 1024 undefined',
      'dax0.0 2 undefined',
      'dax0.0 4 undefined',
    ]);
  });
});

describe('sizes in the log', () => {
  it.each([
    [512, '512 B'],
    [2 * MIB, '2.00 MiB'],
    [32 * MIB, '32.0 MiB'],
    [128 * MIB, '128 MiB'],
    [1.75 * GIB, '1.75 GiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(binarySize(bytes)).toBe(text);
  });
});
