import { describe, expect, it } from 'vitest';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { FAULT_INJECT } from '../../cxlbox-abi/fault.ts';
import { loadMachine } from '../../machine-files/load.ts';
import { DRIVER_NAMES } from './driver-names.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';

function machine(): MachineRun {
  return new MachineRun(loadMachine('default'));
}

const list = (run: MachineRun): string[] =>
  (run.view.read(`${FAULT}/list`) ?? '').split('\n').filter((line) => line !== '');

const lastReason = (run: MachineRun): string => run.machine.kernel.log.lines().at(-1)?.text ?? '';

describe('the files of faults', () => {
  it.each([
    ['inject', 0o200],
    ['clear', 0o200],
    ['list', 0o400],
  ])('%s', (name, mode) => {
    expect(machine().view.node(`${FAULT}/${name}`)?.mode).toBe(mode);
  });

  it.each([
    ['probe kmem errno=ENOMEM', 'probe kmem errno=ENOMEM struck=0'],
    ['  probe   kmem  errno=EPROBE_DEFER\n', 'probe kmem errno=EPROBE_DEFER struck=0'],
    [
      'probe cxl_mem skip=1 errno=EIO times=2 device=mem1',
      'probe cxl_mem device=mem1 errno=EIO times=2 skip=1 struck=0',
    ],
    ['hotplug step=7', 'hotplug step=add:memmap errno=ENOMEM struck=0'],
    ['hotplug step=online:6 errno=EBUSY', 'hotplug step=online:notifier errno=EBUSY struck=0'],
    ['slow-online milliseconds=100', 'slow-online milliseconds=100 struck=0'],
    ['sanitize', 'sanitize errno=ENXIO struck=0'],
    [
      'slow-sanitize device=mem1 milliseconds=9 times=1',
      'slow-sanitize milliseconds=9 device=mem1 times=1 struck=0',
    ],
    ['removal mem1', 'removal 0000:0e:00.0 struck=1'],
    ['removal 0000:0d:00.0', 'removal 0000:0d:00.0 struck=1'],
    ['link-down mem0', 'link-down 0000:0c:00.0 struck=1'],
    ['link-down 0000:0c:01.0', 'link-down 0000:0c:01.0 struck=1'],
  ])('%j is listed as %s', (text, line) => {
    const run = machine();
    expect(run.write(`${FAULT}/inject`, text)).toBe('ok');
    expect(list(run)).toEqual([`1 ${line}`]);
  });

  it.each([
    [' ', 'EINVAL', "'' is not a kind of fault"],
    ['prob kmem errno=EIO', 'EINVAL', "did you mean 'probe'?"],
    ['probe kmen errno=EIO', 'EINVAL', "'kmen' is not a valid driver, did you mean 'kmem'?"],
    ['probe kmem', 'EINVAL', 'probe needs errno='],
    ['probe kmem errno=ENOMEMM', 'EINVAL', "did you mean 'ENOMEM'?"],
    ['probe kmem errno=EIO time=1', 'EINVAL', "did you mean 'times'?"],
    [
      'probe kmem errno=EIO times=0',
      'EINVAL',
      "times must be a whole number of 1 or more, not '0'",
    ],
    ['probe kmem errno=EIO times=-1', 'EINVAL', "not '-1'"],
    ['probe kmem errno=EIO errno=EIO', 'EINVAL', "'errno' is given twice"],
    ['probe errno=EIO', 'EINVAL', 'probe takes one name'],
    ['probe kmem dax0.0 errno=EIO', 'EINVAL', "probe takes one name, not 'kmem dax0.0'"],
    ['hotplug errno=ENOMEM', 'EINVAL', 'hotplug needs step='],
    ['hotplug step=9', 'EINVAL', "'9' is not a valid hotplug step"],
    ['hotplug step=memap', 'EINVAL', "did you mean 'memmap'?"],
    ['hotplug step=add:memmap:junk', 'EINVAL', "'add:memmap:junk' is not a valid hotplug step"],
    ['hotplug step=7 errno=EPROBE_DEFER', 'EINVAL', 'is not a valid errno'],
    ['slow-online', 'EINVAL', 'slow-online needs milliseconds='],
    ['slow-online milliseconds=0', 'EINVAL', '1 or more'],
    [
      'slow-online milliseconds=99999999999999999999',
      'EINVAL',
      'milliseconds must be at most 2147483647, not ',
    ],
    ['removal mem7', 'ENODEV', "no memory device 'mem7'"],
    ['removal 0000:0c:00.0', 'EINVAL', 'is a port: it cannot be pulled out'],
    ['removal', 'EINVAL', 'removal takes one name'],
    ['link-down port1', 'ENODEV', "no memory device 'port1'"],
    ['link-down 0000:0d:00.0 times=1', 'EINVAL', "'times' is not an option of link-down"],
    [
      'link-down 0000:0d:00.0 x=1',
      'EINVAL',
      "EINVAL: 'x' is not an option of link-down, which takes none",
    ],
    [
      'removal mem1 errno=EIO',
      'EINVAL',
      "EINVAL: 'errno' is not an option of removal, which takes none",
    ],
  ])('%j is refused: %s', (text, errno, reason) => {
    const run = machine();
    expect(run.write(`${FAULT}/inject`, text)).toBe(errno);
    expect(list(run)).toEqual([]);
    expect(() => run.machine.faults.inject(FAULT_INJECT.parse(text))).toThrow(reason);
  });

  it('numbers are stable, and not given again', () => {
    const run = machine();
    for (const driver of ['kmem', 'device_dax', 'fsdev_dax'])
      run.write(`${FAULT}/inject`, `probe ${driver} errno=EIO`);
    expect(run.write(`${FAULT}/clear`, '2\n')).toBe('ok');
    run.write(`${FAULT}/inject`, 'probe cxl_mem errno=EIO');
    expect(list(run).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '1 probe kmem',
      '3 probe fsdev_dax',
      '4 probe cxl_mem',
    ]);
    expect(run.write(`${FAULT}/clear`, 'all')).toBe('ok');
    expect(list(run)).toEqual([]);
    expect(run.write(`${FAULT}/clear`, 'all')).toBe('ok');
  });

  it.each([
    ['7', 'ENOENT'],
    [' ', 'EINVAL'],
    ['every', 'EINVAL'],
    ['-1', 'EINVAL'],
  ])('clearing %j gives %s', (text, errno) => {
    expect(machine().write(`${FAULT}/clear`, text)).toBe(errno);
  });

  it('the log tells what was injected and cleared', () => {
    const run = machine();
    run.write(`${FAULT}/inject`, 'slow-online milliseconds=5');
    expect(lastReason(run)).toBe('cxlbox: fault 1 injected: slow-online milliseconds=5');
    run.write(`${FAULT}/clear`, '1');
    expect(lastReason(run)).toBe('cxlbox: fault 1 cleared: slow-online milliseconds=5');
  });
});

it.each(['mainline-7.2', 'explicit-region-drivers-v1'] as const)(
  'every driver of %s is known',
  (abi) => {
    const { view } = new MachineRun({ ...loadMachine('mixed'), abi });
    const drivers = view.names('/sys/bus').flatMap((bus) => view.names(`/sys/bus/${bus}/drivers`));
    expect(drivers.length).toBeGreaterThan(10);
    expect(drivers.filter((name) => !DRIVER_NAMES.some((each) => each === name))).toEqual([]);
  },
);
