import { describe, expect, it } from 'vitest';
import { checkTree, dumpTree, type TreeDump } from '../../../test/properties/invariants/tree.ts';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { difference } from '../../../test/properties/random-sequences.ts';
import { loadMachine } from '../../machine-files/load.ts';
import { parseMachine } from '../description/parse.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';

function stateOf(run: MachineRun): TreeDump {
  const dump = dumpTree(run.view);
  dump.delete('/sys/kernel/uevent_seqnum');
  return dump;
}

const driverOf = (run: MachineRun, bus: string, device: string): string | undefined =>
  run.view.linkName(`/sys/bus/${bus}/devices/${device}/driver`);

const log = (run: MachineRun): string[] => run.machine.kernel.log.lines().map(({ text }) => text);

/** Driver, bus, device, and what of the binding outlives it on a healthy machine as well. */
const DEVICES: readonly (readonly [bus: string, driver: string, device: string])[] = [
  ['cxl', 'cxl_region', 'region0'],
  ['cxl', 'cxl_devdax_region', 'region0'],
  ['cxl', 'cxl_sysram_region', 'region0'],
];

describe('a probe that fails', () => {
  it.each(DEVICES)('%s: %s refuses %s, and nothing is left', (bus, driver, device) => {
    const run = new MachineRun(loadMachine('default'));
    const before = stateOf(run);
    run.write(`${FAULT}/inject`, `probe ${driver} errno=EIO times=1`);
    expect(run.write(`/sys/bus/${bus}/drivers/${driver}/bind`, device)).toBe('EIO');
    expect(difference(before, stateOf(run))).toBeUndefined();
    expect(log(run)).toContain(`${driver} ${device}: probe failed: EIO: injected by fault 1`);
    expect(run.write(`/sys/bus/${bus}/drivers/${driver}/bind`, device)).toBe('ok');
    expect(driverOf(run, bus, device)).toBe(driver);
  });

  it('of one device leaves others alone', () => {
    const run = new MachineRun(loadMachine('default'));
    run.write(`${FAULT}/inject`, 'probe cxl_devdax_region device=region1 errno=ENOMEM');
    const bind = '/sys/bus/cxl/drivers/cxl_devdax_region/bind';
    expect([run.write(bind, 'region0'), run.write(bind, 'region1')]).toEqual(['ok', 'ENOMEM']);
    run.write(`${FAULT}/clear`, '1');
    expect(run.write(bind, 'region1')).toBe('ok');
  });

  it('strikes so many times, after so many', () => {
    const run = new MachineRun(loadMachine('default'));
    run.write(`${FAULT}/inject`, 'probe cxl_devdax_region errno=EBUSY skip=1 times=2');
    const bound = [1, 2, 3, 4].map(() => {
      const outcome = run.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
      run.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
      return outcome;
    });
    expect(bound).toEqual(['ok', 'EBUSY', 'EBUSY', 'ok']);
    expect(run.view.read(`${FAULT}/list`)).toMatch(/ struck=2$/);
  });

  it('inside a bind: what was to become of the device does not, and the bind is what it is', () => {
    const run = new MachineRun(loadMachine('default'));
    run.write(`${FAULT}/inject`, 'probe device_dax errno=EIO');
    expect(run.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0')).toBe('ok');
    expect(run.view.exists('/sys/bus/dax/devices/dax0.0')).toBe(true);
    expect(driverOf(run, 'dax', 'dax0.0')).toBeUndefined();
  });

  it('EPROBE_DEFER: EAGAIN for who binds; listed as deferred; retried when it is cleared', () => {
    const run = new MachineRun(loadMachine('default'));
    run.write(`${FAULT}/inject`, 'probe device_dax errno=EPROBE_DEFER');
    run.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
    expect(run.view.read('/sys/kernel/debug/devices_deferred')).toMatch(/^dax0\.0\t/);
    expect(run.write('/sys/bus/dax/drivers/device_dax/bind', 'dax0.0')).toBe('EAGAIN');
    expect(run.write(`${FAULT}/clear`, '1')).toBe('ok');
    expect(driverOf(run, 'dax', 'dax0.0')).toBe('device_dax');
    expect(run.view.read('/sys/kernel/debug/devices_deferred')).toBe('');
  });

  it.each(['mem0', '0000:0d:00.0'])('of a memory device called %s', (name) => {
    const run = new MachineRun(loadMachine('default'));
    run.write('/sys/bus/cxl/drivers/cxl_mem/unbind', 'mem0');
    run.write(`${FAULT}/inject`, `probe cxl_mem device=${name} errno=ENXIO times=1`);
    expect(run.write('/sys/bus/cxl/drivers/cxl_mem/bind', 'mem0')).toBe('ENXIO');
    expect(run.write('/sys/bus/cxl/drivers/cxl_mem/bind', 'mem0')).toBe('ok');
  });
});

describe('during the boot', () => {
  const machine = (faults: string, regions = ''): MachineRun =>
    new MachineRun(
      parseMachine(
        `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows: [{base: 0x190000000, size: 4GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: left}, {device: right}]}]
devices: {left: {ram: 1GiB}, right: {ram: 1GiB}}
${regions}
faults: [${faults}]
`,
        'faulty.yaml',
      ),
    );
  const REGIONS =
    'regions: [{devices: [left], driver: cxl_devdax_region}, {devices: [right], driver: cxl_devdax_region}]';

  it.each([
    'cxl_acpi',
    'cxl_pci',
    'cxl_port',
    'cxl_mem',
    'pcieport',
    'cxl_devdax_region',
    'cxl_dax_region',
    'device_dax',
    'cxl_nvdimm_bridge',
  ])('%s fails for every device: the boot ends, the tree is sound', (driver) => {
    const run = machine(`{probe: ${driver}, errno: EIO}`, REGIONS);
    checkTree(dumpTree(run.view));
    expect(run.view.read(`${FAULT}/list`)).toMatch(
      new RegExp(`^1 probe ${driver} errno=EIO struck=\\d+$`),
    );
    expect(run.write(`${FAULT}/clear`, 'all')).toBe('ok');
  });

  it('of one memory device, by its name in the file: its region is not made, the other is', () => {
    const run = machine('{probe: cxl_mem, device: left, errno: EIO}', REGIONS);
    expect(run.view.names('/sys/bus/cxl/devices', /^region/)).toEqual(['region0']);
    expect(driverOf(run, 'cxl', 'region0')).toBe('cxl_devdax_region');
    expect(driverOf(run, 'cxl', 'mem0')).toBeUndefined();
    expect(log(run).join('\n')).toMatch(
      /boot: the region over left: ENODEV: device left has no endpoint/,
    );
  });

  it('a driver that does not take a region leaves the region there', () => {
    const run = machine('{probe: cxl_devdax_region, device: region0, errno: ENOMEM}', REGIONS);
    expect(['region0', 'region1'].map((name) => driverOf(run, 'cxl', name))).toEqual([
      undefined,
      'cxl_devdax_region',
    ]);
    expect(run.view.read('/sys/bus/cxl/devices/region0/commit')).toBe('1');
  });

  it('a region that fails midway is deleted with its allocations', () => {
    const run = machine(
      '{probe: cxl_mem, device: right, errno: EIO}',
      'regions: [{devices: [left, right], size: 512MiB}, {devices: [left], size: 768MiB, driver: cxl_devdax_region}]',
    );
    expect(run.view.names('/sys/bus/cxl/devices', /^region/)).toHaveLength(1);
    expect(run.view.names('/sys/bus/dax/devices')).toHaveLength(1);
  });
});
