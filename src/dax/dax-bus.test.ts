import { describe, expect, it } from 'vitest';
import { DaxMachine, GIB, MIB } from '../../test/dax/dax-machine.ts';

const DRIVERS = '/sys/bus/dax/drivers';

function driverOf(machine: DaxMachine, name: string): string | undefined {
  return machine.dax.deviceByNode(name)?.driverName;
}

describe('matching', () => {
  it.each([
    [true, 'kmem'],
    [false, 'device_dax'],
  ])('a region with kmem %s goes to %s', (kmem, expected) => {
    const machine = new DaxMachine();
    machine.produce({ kmem });
    expect(driverOf(machine, 'dax0.0')).toBe(expected);
  });

  it('a kernel that has not loaded kmem leaves the device unbound', () => {
    const machine = new DaxMachine({ drivers: ['device_dax'], modular: true });
    machine.produce();
    expect(driverOf(machine, 'dax0.0')).toBeUndefined();
    machine.dax.loadModule('kmem');
    expect(driverOf(machine, 'dax0.0')).toBe('kmem');
  });

  it('an id overrules the kind: of two drivers that match, the one registered first wins', () => {
    const machine = new DaxMachine();
    machine.write(`${DRIVERS}/device_dax/new_id`, 'dax0.0');
    machine.produce();
    expect(driverOf(machine, 'dax0.0')).toBe('device_dax');
  });

  it('an id of a later driver does not', () => {
    const machine = new DaxMachine();
    machine.write(`${DRIVERS}/kmem/new_id`, 'dax0.0');
    machine.produce({ kmem: false });
    expect(driverOf(machine, 'dax0.0')).toBe('device_dax');
  });

  it('fsdev_dax takes nothing without an id', () => {
    const machine = new DaxMachine({ drivers: ['fsdev_dax'] });
    machine.produce({ kmem: false });
    expect(machine.attempt(`${DRIVERS}/fsdev_dax/bind`, 'dax0.0')).toBe('ENODEV');
    expect(machine.attempt(`${DRIVERS}/fsdev_dax/new_id`, 'dax0.0')).toBe('ok');
    expect(driverOf(machine, 'dax0.0')).toBe('fsdev_dax');
  });
});

describe('new_id and remove_id', () => {
  const TEXTS: readonly [string, string][] = [
    ['dax0.0', 'ok'],
    ['dax0.0\n', 'ok'],
    ['dax0.0\0', 'ok'],
    ['dax7.3', 'ok'],
    ['dax-1.0', 'ok'],
    ['\n', 'EINVAL'],
    ['garbage', 'EINVAL'],
    ['dax0', 'EINVAL'],
    ['dax00.0', 'EINVAL'],
    ['dax-0.0', 'EINVAL'],
    ['dax0.0 ', 'EINVAL'],
    ['dax0.0\n\n', 'EINVAL'],
    ['dax0.4294967296', 'EINVAL'],
  ];

  it.each(TEXTS)('%j gives %s', (text, result) => {
    const machine = new DaxMachine({ drivers: ['device_dax'] });
    machine.produce();
    expect(machine.attempt(`${DRIVERS}/device_dax/new_id`, text)).toBe(result);
    expect(machine.attempt(`${DRIVERS}/device_dax/remove_id`, text)).toBe(result);
  });

  it('new_id binds at once; again is no error; remove_id unbinds nothing', () => {
    const machine = new DaxMachine({ drivers: ['device_dax'] });
    machine.produce();
    for (const file of ['new_id', 'new_id', 'remove_id', 'remove_id'])
      machine.write(`${DRIVERS}/device_dax/${file}`, 'dax0.0');
    expect(driverOf(machine, 'dax0.0')).toBe('device_dax');
    machine.write(`${DRIVERS}/device_dax/unbind`, 'dax0.0');
    expect(machine.attempt(`${DRIVERS}/device_dax/bind`, 'dax0.0')).toBe('ENODEV');
  });

  it('new_id does not report a probe that failed', () => {
    const machine = new DaxMachine({ drivers: ['device_dax'] });
    machine.produce({}, 0);
    expect(machine.attempt(`${DRIVERS}/device_dax/new_id`, 'dax0.0')).toBe('ok');
    expect(driverOf(machine, 'dax0.0')).toBeUndefined();
  });

  it('ids survive the device and vanish with the module', () => {
    const machine = new DaxMachine({ drivers: ['device_dax'], modular: true });
    machine.produce();
    machine.write(`${DRIVERS}/device_dax/new_id`, 'dax0.0');
    machine.write(`${machine.producerPath}/unbind`, 'dax_region0');
    machine.write(`${machine.producerPath}/bind`, 'dax_region0');
    expect(driverOf(machine, 'dax0.0')).toBe('device_dax');
    machine.dax.unloadModule('device_dax');
    machine.dax.loadModule('device_dax');
    expect(driverOf(machine, 'dax0.0')).toBeUndefined();
  });
});

describe('the probe wrapper', () => {
  it('refuses a device without range, quietly', () => {
    const machine = new DaxMachine();
    const { path } = machine.produce({ kmem: false, size: 2 * GIB }, GIB);
    const quiet = machine.logged(() => machine.write(`${path}/dax_region/create`, '1'));
    expect(quiet.filter((line) => !line.includes('rejects match'))).toEqual([]);
    expect(machine.attempt(`${DRIVERS}/device_dax/bind`, 'dax0.1')).toBe('ENXIO');
  });

  it('resizing does not probe; binding clears the seed, and only the seed', () => {
    const machine = new DaxMachine();
    const { path } = machine.produce({ kmem: false, size: 2 * GIB }, GIB);
    for (let count = 0; count < 2; count += 1) machine.write(`${path}/dax_region/create`, '1');
    for (const name of ['dax0.1', 'dax0.2']) machine.write(`${path}/${name}/size`, `${2 * MIB}`);
    expect(driverOf(machine, 'dax0.1')).toBeUndefined();
    machine.write(`${DRIVERS}/device_dax/bind`, 'dax0.2');
    expect(machine.read(`${path}/dax_region/seed`)).toBe('dax0.1\n');
    machine.write('/sys/bus/dax/drivers_probe', 'dax0.1');
    expect(driverOf(machine, 'dax0.1')).toBe('device_dax');
    expect(machine.read(`${path}/dax_region/seed`)).toBe('\n');
    expect(machine.read(`${path}/dax_region/create`)).toBe('dax0.2\n');
  });
});

describe('events of a dax device', () => {
  it('carry number, name and modalias; bind the driver as well', () => {
    const machine = new DaxMachine();
    const events: string[] = [];
    machine.kernel.uevents.subscribe(({ action, subsystem, variables }) => {
      if (subsystem === 'dax') events.push([action, ...variables].join(' '));
    });
    machine.produce({ kmem: false });
    machine.write(`${DRIVERS}/device_dax/unbind`, 'dax0.0');
    const same = 'MAJOR,252 MINOR,0 DEVNAME,dax0.0';
    expect(events).toEqual([
      `add ${same} MODALIAS,dax:t0`,
      `bind ${same} DRIVER,device_dax MODALIAS,dax:t0`,
      `unbind ${same}`,
    ]);
  });
});
