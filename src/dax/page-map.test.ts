import { describe, expect, it } from 'vitest';
import { DaxMachine, GIB, MIB, WINDOW_START } from '../../test/dax/dax-machine.ts';

const DRIVER = '/sys/bus/dax/drivers/device_dax';

describe('device_dax', () => {
  it('reserves each range in /proc/iomem while bound', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { path } = machine.produce({ kmem: false, size: 2 * GIB }, GIB);
    machine.write(`${path}/dax0.0/mapping`, '460000000-4601fffff');
    machine.dax.loadModule('device_dax');
    expect(machine.iomemLines()).toEqual([
      '400000000-43fffffff : dax0.0',
      '460000000-4601fffff : dax0.0',
    ]);
    machine.write(`${DRIVER}/unbind`, 'dax0.0');
    expect(machine.iomemLines()).toEqual([]);
    expect(machine.attempt(`${DRIVER}/bind`, 'dax0.0')).toBe('ok');
  });

  it('serves the ranges as they were at its probe: a mapping written meanwhile is not reached', () => {
    const machine = new DaxMachine();
    const { path } = machine.produce({ kmem: false, size: 2 * GIB }, GIB);
    const node = machine.dax.deviceByNode('dax0.0');
    machine.write(`${path}/dax0.0/mapping`, '460000000-4601fffff');
    expect(node?.size).toBe(GIB + 2 * MIB);
    expect(node?.served).toEqual([
      { start: WINDOW_START, end: WINDOW_START + GIB - 1, pageOffset: 0 },
    ]);
    machine.write(`${DRIVER}/unbind`, 'dax0.0');
    expect(node?.served).toBeUndefined();
    machine.write(`${DRIVER}/bind`, 'dax0.0');
    expect(node?.served).toHaveLength(2);
  });

  it('EBUSY where the range is taken; from then on EINVAL, while kmem still can', () => {
    const machine = new DaxMachine();
    const taken = machine.iomem.request(WINDOW_START + GIB / 2, MIB, 'other');
    const lines = machine.logged(() => machine.produce({ kmem: false }));
    expect(lines.some((line) => line.includes('mapping0: 0x400000000-0x43fffffff is taken'))).toBe(
      true,
    );
    machine.iomem.release(taken);
    expect(machine.attempt(`${DRIVER}/bind`, 'dax0.0')).toBe('EINVAL');
    machine.write('/sys/bus/dax/drivers/kmem/new_id', 'dax0.0');
    expect(machine.dax.deviceByNode('dax0.0')?.driverName).toBe('kmem');
  });

  it('gives EBUSY itself, and all or no ranges', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { path } = machine.produce({ kmem: false, size: 2 * GIB }, GIB);
    machine.write(`${path}/dax0.0/mapping`, '460000000-4601fffff');
    machine.iomem.request(0x460000000, MIB, 'other');
    machine.write('/sys/bus/dax/drivers_autoprobe', '0');
    machine.dax.loadModule('device_dax');
    expect(machine.attempt(`${DRIVER}/bind`, 'dax0.0')).toBe('EBUSY');
    expect(machine.iomemLines()).toEqual(['460000000-4600fffff : other']);
  });

  it('EINVAL for a range that begins within 2 MiB', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { path } = machine.produce({ kmem: false }, 0);
    machine.write(`${path}/dax0.0/mapping`, '400100000-4002fffff');
    machine.write('/sys/bus/dax/drivers_autoprobe', '0');
    machine.dax.loadModule('device_dax');
    expect(machine.attempt(`${DRIVER}/bind`, 'dax0.0')).toBe('EINVAL');
    expect(machine.iomemLines()).toEqual([]);
  });

  it('a device that was deleted and made again has no left-over page map', () => {
    const machine = new DaxMachine();
    const taken = machine.iomem.request(WINDOW_START, MIB, 'other');
    machine.produce({ kmem: false });
    machine.iomem.release(taken);
    machine.write(`${machine.producerPath}/unbind`, 'dax_region0');
    machine.write(`${machine.producerPath}/bind`, 'dax_region0');
    expect(machine.dax.deviceByNode('dax0.0')?.driverName).toBe('device_dax');
  });
});
