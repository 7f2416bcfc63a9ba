import { beforeEach, describe, expect, it } from 'vitest';
import { endpointCoordinates } from '../../src/cxl/port/coordinates.ts';
import type { KernfsFile } from '../../src/kernfs/node.ts';
import { resolve } from '../../src/kernfs/resolve.ts';
import type { AccessCoordinates } from '../../src/mm/config.ts';
import { exists, outcome, read, write } from './files.ts';
import { bootMachine, type CxlMachine, memory, TOPOLOGIES } from './topologies.ts';

const MEM = 'bus/cxl/devices/mem0';
const DEBUG = 'kernel/debug/cxl/mem0';

let machine: CxlMachine;
beforeEach(() => {
  machine = bootMachine(TOPOLOGIES.direct2);
});

describe('writable files of an idle memdev', () => {
  it.each([
    [`${MEM}/security/sanitize`, '\n', 'EINVAL'],
    [`${MEM}/security/sanitize`, '0', 'EINVAL'],
    [`${MEM}/security/sanitize`, '2', 'EINVAL'],
    [`${MEM}/security/erase`, '1', 'ENOENT'],
    [`${MEM}/trigger_poison_list`, '0', 'EINVAL'],
    [`${MEM}/trigger_poison_list`, '1', 'ok'],
    [`${MEM}/firmware/mem0/loading`, 'x', 'EINVAL'],
    [`${MEM}/firmware/mem0/loading`, '-1', 'ok'],
    [`${MEM}/firmware/mem0/cancel`, '0', 'EINVAL'],
    [`${MEM}/firmware/mem0/cancel`, '1', 'ENODEV'],
    [`${MEM}/firmware/mem0/data`, 'image', 'ENODEV'],
    [`${DEBUG}/inject_poison`, '', 'EINVAL'],
    [`${DEBUG}/inject_poison`, 'x', 'EINVAL'],
    [`${DEBUG}/inject_poison`, '0x3fffffc0', 'ok'],
    [`${DEBUG}/inject_poison`, '0x40000000', 'EINVAL'],
    [`${DEBUG}/inject_poison`, '1', 'EINVAL'],
    [`${DEBUG}/clear_poison`, '0x1000', 'ok'],
    ['bus/cxl/flush', '1\n', 'ok'],
    ['bus/cxl/flush', '0', 'EINVAL'],
    ['bus/pci/rescan', 'x', 'EINVAL'],
  ])('%s = %j: %s', (path, text, expected) => {
    expect(outcome(machine, path, text)).toBe(expected);
  });
});

describe('sanitize', () => {
  const SANITIZE = `${MEM}/security/sanitize`;
  const STATE = `${MEM}/security/state`;
  const start = (): void => write(machine, SANITIZE, '1');
  const pass = (milliseconds: number): void => machine.kernel.work.advance(milliseconds);

  it('runs for its time, and wakes pollers when it ends', () => {
    const state = resolve(machine.kernel.root, `/sys/${STATE}`) as KernfsFile;
    let wakes = 0;
    state.watch(() => {
      wakes += 1;
    });
    start();
    pass(99);
    expect([read(machine, STATE), outcome(machine, SANITIZE, '1'), wakes]).toEqual([
      'sanitize\n',
      'EBUSY',
      0,
    ]);
    pass(1);
    expect([read(machine, STATE), wakes]).toEqual(['disabled\n', 1]);
    expect(machine.kernel.log.lines().at(-1)).toMatchObject({
      level: 'debug',
      text: 'cxl_pci 0000:0e:00.0: mem0 is sanitized',
    });
    pass(1000);
    expect([outcome(machine, SANITIZE, '1'), read(machine, STATE), wakes]).toEqual([
      'ok',
      'sanitize\n',
      1,
    ]);
  });

  it('is of one device: the other one is as it was', () => {
    start();
    pass(50);
    expect(read(machine, 'bus/cxl/devices/mem1/security/state')).toBe('disabled\n');
    write(machine, 'bus/cxl/devices/mem1/security/sanitize', '1');
    pass(50);
    const states = ['mem0', 'mem1'].map((name) =>
      read(machine, `bus/cxl/devices/${name}/security/state`),
    );
    expect(states).toEqual(['disabled\n', 'sanitize\n']);
  });

  it('poison is there until it ends', () => {
    write(machine, `${DEBUG}/inject_poison`, '0x1000');
    start();
    const { poison } = machine.cxl.memdevs.get(0)?.hardware ?? {};
    pass(99);
    expect([...(poison ?? [])]).toEqual([0x1000]);
    pass(1);
    expect([...(poison ?? [])]).toEqual([]);
  });

  it('goes on while the kernel has no device of it, and wakes the pollers of the next one', () => {
    const removed = resolve(machine.kernel.root, `/sys/${STATE}`) as KernfsFile;
    start();
    write(machine, 'bus/pci/drivers/cxl_pci/unbind', '0000:0e:00.0');
    pass(50);
    write(machine, 'bus/pci/drivers/cxl_pci/bind', '0000:0e:00.0');
    const state = resolve(machine.kernel.root, `/sys/${STATE}`) as KernfsFile;
    const events = [removed.eventCount, state.eventCount];
    expect(read(machine, STATE)).toBe('sanitize\n');
    pass(50);
    expect(read(machine, STATE)).toBe('disabled\n');
    expect([removed.eventCount, state.eventCount]).toEqual([events[0], 1 + (events[1] ?? 0)]);
  });

  it('ends unseen while no driver is bound', () => {
    start();
    write(machine, 'bus/pci/drivers/cxl_pci/unbind', '0000:0e:00.0');
    const lines = machine.kernel.log.lines().length;
    pass(100);
    expect(machine.kernel.log.lines()).toHaveLength(lines);
    write(machine, 'bus/pci/drivers/cxl_pci/bind', '0000:0e:00.0');
    expect(read(machine, STATE)).toBe('disabled\n');
  });

  it('is refused while unbound', () => {
    write(machine, 'bus/cxl/drivers/cxl_mem/unbind', 'mem0');
    expect(outcome(machine, SANITIZE, '1')).toBe('EBUSY');
  });

  it('is refused with a committed decoder', () => {
    const endpoint = machine.cxl.memdevs.get(0)?.endpoint;
    if (endpoint !== undefined) endpoint.commitEnd = 0;
    expect(outcome(machine, SANITIZE, '1')).toBe('EBUSY');
  });

  it('a region over the device is not committed until it ends', () => {
    start();
    const steps: [string, string][] = [
      ['decoder0.0/create_ram_region', 'region0'],
      ['region0/interleave_granularity', '256'],
      ['region0/interleave_ways', '1'],
      ['region0/size', '0x40000000'],
      ['decoder2.0/mode', 'ram'],
      ['decoder2.0/dpa_size', '0x40000000'],
      ['region0/target0', 'decoder2.0'],
    ];
    for (const [path, text] of steps) write(machine, `bus/cxl/devices/${path}`, text);
    expect(outcome(machine, 'bus/cxl/devices/region0/commit', '1')).toBe('EBUSY');
    pass(100);
    expect(outcome(machine, 'bus/cxl/devices/region0/commit', '1')).toBe('ok');
    expect(outcome(machine, SANITIZE, '1')).toBe('EBUSY');
  });
});

describe('poison', () => {
  it('stays with the device and is listed on request, up to a limit', () => {
    write(machine, `${DEBUG}/inject_poison`, '0x1000');
    write(machine, 'bus/cxl/drivers/cxl_mem/unbind', 'mem0');
    write(machine, 'bus/cxl/drivers/cxl_mem/bind', 'mem0');
    write(machine, `${MEM}/trigger_poison_list`, '1');
    const lines = machine.kernel.log.lines().map(({ text }) => text);
    expect(lines.filter((text) => text.startsWith('cxl_poison'))).toEqual([
      'cxl_poison: memdev=mem0 dpa=0x1000 dpa_length=0x40',
    ]);
    for (let at = 1; at < 256; at += 1)
      write(machine, `${DEBUG}/inject_poison`, `${0x2000 + at * 64}`);
    expect(outcome(machine, `${DEBUG}/inject_poison`, '0')).toBe('EBUSY');
  });
});

function coordinatesOf({ cxl }: CxlMachine): AccessCoordinates | undefined {
  const memdev = cxl.memdevs.get(0);
  return memdev && endpointCoordinates(memdev, 'ram', 0);
}

describe('QoS classes and coordinates', () => {
  it('are known below a generic port only', () => {
    expect(exists(machine, `${MEM}/ram/qos_class`)).toBe(false);
    expect(coordinatesOf(machine)).toBeUndefined();
    const hmat = bootMachine(TOPOLOGIES.hmat);
    expect(read(hmat, `${MEM}/ram/qos_class`)).toBe('0\n');
    // As recorded of a region's access0 and access1.
    expect(coordinatesOf(hmat)).toEqual({
      readLatency: 17200,
      writeLatency: 17300,
      readBandwidth: 16000,
      writeBandwidth: 16000,
    });
  });

  it('a class that no window has is not shown', () => {
    const config = TOPOLOGIES.hmat;
    if (config === undefined) throw new Error('no topology hmat');
    const windows = config.windows.map((window) => ({ ...window, qosClass: 7 }));
    expect(exists(bootMachine({ ...config, windows }), `${MEM}/ram/qos_class`)).toBe(false);
  });
});

describe('links of the devices around', () => {
  it.each([
    ['devices/pci0000:0c/firmware_node', '../LNXSYSTM:00/LNXSYBUS:00/ACPI0016:00'],
    ['bus/acpi/devices/ACPI0016:00/physical_node', '../../../pci0000:0c'],
    ['devices/platform/ACPI0017:00/firmware_node', '../../LNXSYSTM:00/LNXSYBUS:00/ACPI0017:00'],
    [
      'bus/pci/drivers/cxl_pci/0000:0d:00.0',
      '../../../../devices/pci0000:0c/0000:0c:00.0/0000:0d:00.0',
    ],
    ['dev/char/249:1', '../../devices/pci0000:0c/0000:0c:00.0/0000:0d:00.0/mem1'],
    [
      'class/firmware/mem1',
      '../../devices/pci0000:0c/0000:0c:00.0/0000:0d:00.0/mem1/firmware/mem1',
    ],
  ])('%s -> %s', (path, target) => {
    const link = resolve(machine.kernel.root, `/sys/${path}`, false);
    expect(link.kind === 'link' ? link.read() : undefined).toBe(target);
  });
});

describe('numbers', () => {
  it('follow arrival where the machine description does not say', () => {
    const config = TOPOLOGIES.one;
    const bridge = config?.hostBridges[0];
    if (config === undefined || bridge === undefined) throw new Error('no topology one');
    const rootPorts = [0, 1, 2].map((at) => ({
      address: `0000:0c:0${at}.0`,
      portNumber: at,
      below: {
        ...memory(`0000:0${at + 1}:00.0`, 0x10 + at, 0, 0),
        memId: undefined,
        endpointId: undefined,
      },
    }));
    const free = bootMachine({ ...config, hostBridges: [{ ...bridge, decoders: 4, rootPorts }] });
    const serials = [0, 1, 2].map((id) => read(free, `bus/cxl/devices/mem${id}/serial`));
    expect(serials).toEqual(['0x10\n', '0x11\n', '0x12\n']);
  });

  it('a host bridge with several root ports and no decoders takes no memory device', () => {
    const config = TOPOLOGIES.direct2;
    const bridge = config?.hostBridges[0];
    if (config === undefined || bridge === undefined) throw new Error('no topology direct2');
    const broken = bootMachine({ ...config, hostBridges: [{ ...bridge, decoders: 0 }] });
    expect(outcome(broken, 'bus/cxl/drivers/cxl_mem/bind', 'mem0')).toBe('ENXIO');
  });

  it('an invalid window is skipped and the others continue', () => {
    const config = TOPOLOGIES.hb2;
    if (config === undefined) throw new Error('no topology hb2');
    const windows = config.windows.map((window, at) =>
      at === 0 ? { ...window, base: window.base + 4096 } : window,
    );
    const partial = bootMachine({ ...config, windows });
    expect(read(partial, 'bus/cxl/devices/decoder0.0/target_list')).toBe('222\n');
    expect(exists(partial, 'bus/cxl/devices/decoder0.2')).toBe(false);
  });
});
