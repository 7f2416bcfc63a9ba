import { describe, expect, it } from 'vitest';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { readFile } from '../../kernfs/access.ts';
import { boot } from '../boot.ts';
import { parseMachine } from '../description/parse.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';

const describeWith = (faults: string, driver = 'cxl_region', online = 'offline') =>
  parseMachine(
    `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
boot: {auto_online_blocks: ${online}}
abi: mainline-7.2
host_bridges: [{root_ports: [{device: near}, {device: far}]}]
devices: {near: {ram: 1GiB}, far: {ram: 1GiB}}
regions: [{devices: [near], driver: ${driver}}]
faults: [${faults}]
`,
    'faulty.yaml',
  );

const list = (run: MachineRun): string[] =>
  (run.view.read(`${FAULT}/list`) ?? '').split('\n').filter((line) => line !== '');

describe('a machine that starts faulty', () => {
  it('probes and hotplug fail from the start, what is lost is so at the end; all are listed', () => {
    const run = new MachineRun(
      describeWith(
        '{removed: far}, {probe: kmem, errno: ENOMEM, times: 1}, {hotplug: memmap, errno: EEXIST, skip: 1}, {slow_online: 2s}',
        'cxl_region',
      ),
    );
    expect(list(run)).toEqual([
      '1 probe kmem errno=ENOMEM times=1 struck=1',
      '2 hotplug step=add:memmap errno=EEXIST skip=1 struck=0',
      '3 slow-online milliseconds=2000 struck=0',
      '4 removal 0000:0e:00.0 struck=1',
    ]);
    expect(run.view.names('/sys/bus/cxl/devices', /^mem/)).toEqual(['mem0']);
    expect(run.view.linkName('/sys/bus/dax/devices/dax0.0/driver')).toBeUndefined();
    expect(run.write(`${FAULT}/clear`, 'all')).toBe('ok');
    expect(run.view.names('/sys/bus/cxl/devices', /^mem/).sort()).toEqual(['mem0', 'mem1']);
  });

  it('the link above a device is down', () => {
    const run = new MachineRun(describeWith('{link_down: far}'));
    expect(list(run)).toEqual(['1 link-down 0000:0c:01.0 struck=1']);
  });

  it('poison is in the media, and the kernel has heard of it where it uses them', () => {
    const machine = boot(
      describeWith('{poison: near, dpa: 0x1000}', 'cxl_region', 'online_movable'),
    );
    expect(readFile(machine.kernel.proc, 'meminfo')).toMatch(/^HardwareCorrupted: +4 kB$/m);
    expect(machine.daxHardware?.allPoison()).toEqual([{ memdev: 'mem0', dpa: 0x1000 }]);
  });

  it('poison of a device that no driver holds is there when one does', () => {
    const run = new MachineRun(
      describeWith(
        '{poison: far, dpa: 0x40}, {probe: cxl_pci, device: "0000:0e:00.0", errno: EIO, times: 1}',
      ),
    );
    const poison = (): unknown => run.machine.daxHardware?.allPoison();
    expect(poison()).toEqual([]);
    expect(run.write('/sys/bus/pci/drivers/cxl_pci/bind', '0000:0e:00.0')).toBe('ok');
    expect(poison()).toEqual([{ memdev: 'mem1', dpa: 0x40 }]);
  });

  it('slow onlining during the boot delays no answer', () => {
    const machine = boot(describeWith('{slow_online: 5s}', 'cxl_region', 'online_movable'));
    expect(machine.kernel.owed.take()).toBe(0);
    expect(readFile(machine.kernel.root, `${FAULT}/list`)).toBe(
      '1 slow-online milliseconds=5000 struck=8\n',
    );
  });

  it('what cannot be refuses to boot, and says why', () => {
    expect(() => boot(describeWith('{removed: near}', 'cxl_region', 'online_kernel'))).toThrow(
      /EBUSY: pulling 0000:0d:00.0 out refused.*Linux would crash/,
    );
  });
});
