import { describe, expect, it } from 'vitest';
import { DaxMachine, GIB, MIB, WINDOW_START } from '../../test/dax/dax-machine.ts';
import { KernelError } from '../errno.ts';

/** A region of 2 GiB, the first device holding 1 GiB of it; nothing binds. */
function scene(): { machine: DaxMachine; path: string; file: (name: string) => string } {
  const machine = new DaxMachine({ drivers: [] });
  const { path } = machine.produce({ size: 2 * GIB }, GIB);
  return { machine, path, file: (name) => `${path}/dax_region/${name}` };
}

describe('dax_region/ of a new region', () => {
  const FILES: readonly [string, number, string | undefined][] = [
    ['id', 0o444, '0\n'],
    ['size', 0o444, '2147483648\n'],
    ['align', 0o400, '2097152\n'],
    ['available_size', 0o444, '1073741824\n'],
    ['seed', 0o444, '\n'],
    ['create', 0o644, '\n'],
    ['delete', 0o200, undefined],
  ];

  it.each(FILES)('%s', (name, mode, content) => {
    const { machine, file } = scene();
    expect(machine.mode(file(name))).toBe(mode);
    if (content === undefined) expect(() => machine.read(file(name))).toThrow('EACCES');
    else expect(machine.read(file(name))).toBe(content);
  });
});

describe('create', () => {
  const WRITES: readonly [string, string][] = [
    ['\n', 'EINVAL'],
    ['garbage', 'EINVAL'],
    ['-1', 'EINVAL'],
    ['0', 'EINVAL'],
    ['2', 'EINVAL'],
    ['99999999999', 'ERANGE'],
    ['1', 'ok'],
    ['0x1\n', 'ok'],
  ];

  it.each(WRITES)('<- %j gives %s', (text, result) => {
    const { machine, file } = scene();
    expect(machine.attempt(file('create'), text)).toBe(result);
  });

  it('says EINVAL before ENOSPC', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { path } = machine.produce();
    expect(machine.attempt(`${path}/dax_region/create`, '2')).toBe('EINVAL');
    expect(machine.attempt(`${path}/dax_region/create`, '1')).toBe('ENOSPC');
  });

  it('makes an empty device, the seed if there is none; sizes of 0 may coexist', () => {
    const { machine, path, file } = scene();
    for (let count = 0; count < 2; count += 1) machine.write(file('create'), '1');
    expect([machine.read(file('create')), machine.read(file('seed'))]).toEqual([
      'dax0.2\n',
      'dax0.1\n',
    ]);
    const shown = ['size', 'memmap_on_memory', 'align', 'dev'].map((name) =>
      machine.read(`${path}/dax0.2/${name}`),
    );
    expect(shown).toEqual(['0\n', '0\n', '2097152\n', '252:2\n']);
    expect(machine.list('/sys/bus/dax/devices')).toEqual(['dax0.0', 'dax0.1', 'dax0.2']);
    expect(machine.kernel.devtmpfs.list().map(({ name }) => name)).toEqual([
      'dax0.0',
      'dax0.1',
      'dax0.2',
    ]);
  });
});

describe('delete', () => {
  /** dax0.1 has a range, dax0.2 is empty. */
  const WRITES: readonly [string, string][] = [
    ['\n', 'ENXIO'],
    ['garbage', 'ENXIO'],
    ['dax1.0', 'ENXIO'],
    ['dax0.2 x', 'ENXIO'],
    ['dax0.1', 'EBUSY'],
    ['dax0.0', 'EBUSY'],
    ['dax0.2\n', 'ok'],
  ];

  it.each(WRITES)('<- %j gives %s', (text, result) => {
    const { machine, path, file } = scene();
    for (let count = 0; count < 2; count += 1) machine.write(file('create'), '1');
    machine.write(`${path}/dax0.1/size`, `${2 * MIB}`);
    expect(machine.attempt(file('delete'), text)).toBe(result);
  });

  it('never takes the first device, not even empty', () => {
    const { machine, path, file } = scene();
    machine.write(`${path}/dax0.0/size`, '0');
    expect(machine.attempt(file('delete'), 'dax0.0')).toBe('EBUSY');
  });

  it('frees the id and the minor at once, and clears the seed without promoting another device', () => {
    const { machine, path, file } = scene();
    for (let count = 0; count < 2; count += 1) machine.write(file('create'), '1');
    machine.write(file('delete'), 'dax0.1');
    expect([machine.read(file('create')), machine.read(file('seed'))]).toEqual(['dax0.2\n', '\n']);
    machine.write(file('create'), '1');
    expect([machine.read(file('create')), machine.read(file('seed'))]).toEqual([
      'dax0.1\n',
      'dax0.1\n',
    ]);
    expect(machine.read(`${path}/dax0.1/dev`)).toBe('252:1\n');
  });
});

describe('creation', () => {
  it('is refused with ENOMEM, whatever is wrong', () => {
    const machine = new DaxMachine({ drivers: [] });
    machine.produce();
    const wrong = [
      { id: 1, start: WINDOW_START + MIB },
      { id: 1, start: WINDOW_START + GIB, size: GIB + MIB },
      { id: 1, start: WINDOW_START + GIB / 2 },
    ];
    const errnos: string[] = [];
    for (const options of wrong) {
      const parent = machine.orphan(`parent${errnos.length}`);
      try {
        machine.dax.createRegion(parent, {
          size: GIB,
          targetNode: 2,
          align: 2 * MIB,
          kmem: true,
          ...options,
        });
      } catch (error) {
        errnos.push(error instanceof KernelError ? error.errno : `${error}`);
      }
    }
    expect(errnos).toEqual(['ENOMEM', 'ENOMEM', 'ENOMEM']);
  });

  it('a parent holds one region', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { parent } = machine.produce();
    const options = {
      id: 1,
      start: WINDOW_START + GIB,
      size: GIB,
      targetNode: 2,
      align: 2 * MIB,
      kmem: true,
    };
    expect(() => machine.dax.createRegion(parent, options)).toThrow('ENOMEM');
  });
});

describe('the end of a region', () => {
  it('takes devices and mappings down in reverse, each with its events', () => {
    const machine = new DaxMachine();
    const { path } = machine.produce({ size: 2 * GIB, kmem: false }, GIB);
    machine.write(`${path}/dax_region/create`, '1');
    const events: string[] = [];
    machine.kernel.uevents.subscribe(({ action, devpath }) => events.push(`${action} ${devpath}`));
    machine.write(`${machine.producerPath}/unbind`, 'dax_region0');
    expect(events).toEqual([
      'remove /devices/dax_region0/dax0.1',
      'unbind /devices/dax_region0/dax0.0',
      'remove /devices/dax_region0/dax0.0',
      'unbind /devices/dax_region0',
    ]);
    expect(machine.list(path)).toEqual(['subsystem', 'uevent']);
    expect(machine.iomemLines()).toEqual([]);
  });

  it('frees id, minors and addresses for the next region', () => {
    const machine = new DaxMachine();
    machine.produce({ kmem: false });
    machine.write(`${machine.producerPath}/unbind`, 'dax_region0');
    machine.write(`${machine.producerPath}/bind`, 'dax_region0');
    expect(machine.read('/sys/bus/dax/devices/dax0.0/dev')).toBe('252:0\n');
    expect(machine.iomemLines()).toEqual(['400000000-43fffffff : dax0.0']);
  });
});

describe('the online type of devices', () => {
  const CASES = [
    ['mainline resolves it when kmem adds', false, undefined, [undefined, undefined]],
    [
      'explicit drivers capture the default when a device is made',
      true,
      undefined,
      ['online', 'online'],
    ],
    [
      'the first device takes the type of its region, later ones do not',
      true,
      'online_movable',
      ['online_movable', 'online'],
    ],
  ] as const;

  it.each(CASES)('%s', (_, captureDefaultOnlineType, onlineType, expected) => {
    const machine = new DaxMachine({ drivers: [], captureDefaultOnlineType });
    machine.hotplug.defaultOnlineType = 'online';
    const { region, path } = machine.produce({ size: 2 * GIB, onlineType }, GIB);
    machine.write(`${path}/dax_region/create`, '1');
    machine.hotplug.defaultOnlineType = 'offline';
    expect(region.devices.map((dax) => dax.onlineType)).toEqual(expected);
  });
});
