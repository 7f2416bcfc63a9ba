/**
 * Where the dax layer of Linux does not protect itself.
 */
import { describe, expect, it } from 'vitest';
import type { MachineRun } from '../properties/machine-run.ts';
import { CXL_DEVICES, DAX_DEVICES } from '../properties/sysfs-view.ts';
import { commitRegion, machine, mustWrite, setState, systemRam } from './region.ts';

const MIB = 1024 * 1024;
const DAX = `${DAX_DEVICES}/dax0.0`;
const DAX_REGION = `${CXL_DEVICES}/dax_region0/dax_region`;

/** dax0.0 with `size` of the region's 256 MiB, bound to nobody. */
function idleDevice(size: number): MachineRun {
  const run = machine('direct2', 'explicit-region-drivers-v1');
  commitRegion(run);
  mustWrite(run, '/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
  mustWrite(run, '/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0');
  mustWrite(run, `${DAX}/size`, `${size}`);
  return run;
}

function addMapping(run: MachineRun, offset: number, length: number): string {
  const start = run.view.number(`${CXL_DEVICES}/region0/resource`) + offset;
  return run.write(`${DAX}/mapping`, `${start.toString(16)}-${(start + length - 1).toString(16)}`);
}

function served(run: MachineRun): number[] | undefined {
  return run.machine.dax.deviceByNode('dax0.0')?.served?.map(({ start, end }) => end - start + 1);
}

describe('mapping', () => {
  it('written while device_dax is bound: accepted, but not served before the next bind', () => {
    const run = idleDevice(64 * MIB);
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/bind', 'dax0.0');
    expect(addMapping(run, 128 * MIB, 2 * MIB)).toBe('ok');
    expect(run.view.number(`${DAX}/size`)).toBe(66 * MIB);
    expect(served(run)).toEqual([64 * MIB]);
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0');
    expect(served(run)).toBeUndefined();
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/bind', 'dax0.0');
    expect(served(run)).toEqual([64 * MIB, 2 * MIB]);
  });

  it('written while kmem is bound: adds no memory, and kmem lets go as ever', () => {
    const run = machine();
    commitRegion(run);
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/bind', 'region0');
    mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
    mustWrite(run, `${DAX}/size`, `${128 * MIB}`);
    mustWrite(run, '/sys/bus/dax/drivers/kmem/bind', 'dax0.0');
    const before = run.view.read('/proc/iomem');
    expect(addMapping(run, 128 * MIB, 128 * MIB)).toBe('ok');
    expect(run.view.read('/proc/iomem')).toBe(before);
    mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
    expect(run.view.read('/proc/iomem')).not.toContain('dax0.0');
  });

  it.each([
    ['of 1 MiB', 1 * MIB],
    ['of 3 MiB', 3 * MIB],
  ])('%s: says ok and does nothing, as on Linux', (_, length) => {
    const run = idleDevice(64 * MIB);
    expect(addMapping(run, 128 * MIB, length)).toBe('ok');
    expect(run.view.number(`${DAX}/size`)).toBe(64 * MIB);
  });

  it('of an unaligned start: accepted, and the bind refuses it', () => {
    const run = idleDevice(0);
    expect(addMapping(run, 1 * MIB, 2 * MIB)).toBe('ok');
    expect(run.write('/sys/bus/dax/drivers/device_dax/bind', 'dax0.0')).toBe('EINVAL');
  });
});

describe('a page map left over', () => {
  it('makes every later bind of device_dax fail, until the device is made anew', () => {
    const run = idleDevice(0);
    expect(addMapping(run, 1 * MIB, 2 * MIB)).toBe('ok');
    const bind = (): string => run.write('/sys/bus/dax/drivers/device_dax/bind', 'dax0.0');
    expect(bind()).toBe('EINVAL');
    mustWrite(run, `${DAX}/size`, '0');
    mustWrite(run, `${DAX}/size`, `${64 * MIB}`);
    expect(bind()).toBe('EINVAL');
    expect(run.machine.kernel.log.lines().some(({ text }) => text.includes('page map'))).toBe(true);
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
    expect(served(run)).toEqual([256 * MIB]);
  });
});

describe('growing', () => {
  it('beyond what is available takes nothing', () => {
    const run = idleDevice(64 * MIB);
    expect(run.write(`${DAX}/size`, `${512 * MIB}`)).toBe('ENOSPC');
    expect(run.view.number(`${DAX}/size`)).toBe(64 * MIB);
    expect(run.view.names(DAX, /^mapping\d/)).toEqual(['mapping0']);
  });

  it('an alignment of 1 GiB over a range that does not begin at one is accepted, as on Linux', () => {
    const run = machine('default', 'explicit-region-drivers-v1');
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0');
    expect(run.view.number(`${DAX}/resource`) % (1024 * MIB)).not.toBe(0);
    mustWrite(run, `${DAX}/align`, `${1024 * MIB}`);
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/bind', 'dax0.0');
    expect(served(run)).toEqual([4096 * MIB]);
  });
});

describe('names', () => {
  it('a listed name outlives its device, and ends with the module', () => {
    const run = machine();
    commitRegion(run);
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/bind', 'region0');
    mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
    mustWrite(run, `${DAX}/size`, `${128 * MIB}`);
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/new_id', 'dax0.1');
    const driverOf = (): string | undefined => {
      mustWrite(run, `${DAX_REGION}/create`, '1');
      mustWrite(run, `${DAX_DEVICES}/dax0.1/size`, `${128 * MIB}`);
      mustWrite(run, '/sys/bus/dax/drivers_probe', 'dax0.1');
      const driver = run.view.linkName(`${DAX_DEVICES}/dax0.1/driver`);
      mustWrite(run, `/sys/bus/dax/drivers/${driver}/unbind`, 'dax0.1');
      mustWrite(run, `${DAX_DEVICES}/dax0.1/size`, '0');
      mustWrite(run, `${DAX_REGION}/delete`, 'dax0.1');
      return driver;
    };
    expect([driverOf(), driverOf()]).toEqual(['device_dax', 'device_dax']);
    expect(run.perform({ kind: 'unload', module: 'device_dax' })).toBe('ok');
    expect(run.perform({ kind: 'load', module: 'device_dax' })).toBe('ok');
    expect(driverOf()).toBe('kmem');
  });
});

describe('kmem', () => {
  it('a range too small for a block is left out, and can be bound again', () => {
    const run = machine();
    commitRegion(run);
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/bind', 'region0');
    for (let round = 0; round < 2; round += 1) {
      mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
      mustWrite(run, `${DAX}/size`, `${130 * MIB}`);
      mustWrite(run, '/sys/bus/dax/drivers/kmem/bind', 'dax0.0');
    }
    expect(run.view.read('/proc/iomem')?.match(/System RAM \(kmem\)/g)?.length).toBe(1);
  });

  it('memory left behind keeps its range from kmem and device_dax', () => {
    const run = machine();
    const [block] = systemRam(run);
    setState(run, block, 'online_movable');
    mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
    expect(run.write('/sys/bus/dax/drivers/kmem/bind', 'dax0.0')).toBe('EBUSY');
    mustWrite(run, '/sys/bus/dax/drivers/device_dax/new_id', 'dax0.0');
    expect(run.view.exists(`${DAX}/driver`)).toBe(false);
    expect(setState(run, block, 'offline')).toBe('ok');
    expect(run.write('/sys/bus/dax/drivers/kmem/bind', 'dax0.0')).toBe('EBUSY');
  });
});
