/**
 * Memory that holds the kernel's own data loses its decoders: Linux never refuses that and panics a
 * moment later.
 */
import { describe, expect, it } from 'vitest';
import type { MachineRun, Operation } from '../properties/machine-run.ts';
import { TOPOLOGIES } from '../properties/machines.ts';
import { CXL_DEVICES, cxlDevices, MEMORY, parentOf } from '../properties/sysfs-view.ts';
import {
  endpointOf,
  expectRefused,
  firstMemdev,
  functionsAbove,
  machine,
  machineOfFixedWindows,
  mustWrite,
  setState,
  systemRam,
} from './region.ts';

const REGION = `${CXL_DEVICES}/region0`;

function write(path: string, text: string): Operation {
  return { kind: 'write', path, text };
}

/** Every write that takes a decoder of region0 away. */
const WAYS_TO_DETACH: readonly (readonly [string, (run: MachineRun) => Operation])[] = [
  ['commit 0', () => write(`${REGION}/commit`, '0')],
  [
    'delete_region',
    (run) => write(`${CXL_DEVICES}/${parentOf(run.view, 'region0')}/delete_region`, 'region0'),
  ],
  ['an empty target', () => write(`${REGION}/target0`, '\n')],
  [
    'unbinding the memory device',
    (run) => write('/sys/bus/cxl/drivers/cxl_mem/unbind', firstMemdev(run)),
  ],
  [
    'unbinding the endpoint',
    (run) => write('/sys/bus/cxl/drivers/cxl_port/unbind', endpointOf(run, firstMemdev(run))),
  ],
  [
    'unbinding the port above the endpoint',
    (run) =>
      write(
        '/sys/bus/cxl/drivers/cxl_port/unbind',
        parentOf(run.view, endpointOf(run, firstMemdev(run))),
      ),
  ],
  ['unbinding the root', () => write('/sys/bus/platform/drivers/cxl_acpi/unbind', 'ACPI0017:00')],
  [
    'unbinding the PCI function',
    (run) =>
      write('/sys/bus/pci/drivers/cxl_pci/unbind', functionsAbove(run, firstMemdev(run))[0] ?? ''),
  ],
  [
    'removing the PCI function',
    (run) => write(`/sys/bus/pci/devices/${functionsAbove(run, firstMemdev(run))[0]}/remove`, '1'),
  ],
  [
    'removing the root port',
    (run) =>
      write(`/sys/bus/pci/devices/${functionsAbove(run, firstMemdev(run)).at(-1)}/remove`, '1'),
  ],
  ['unloading cxl_acpi', () => ({ kind: 'unload', module: 'cxl_acpi' })],
  ['unloading cxl_pci', () => ({ kind: 'unload', module: 'cxl_pci' })],
];

describe.each(['direct2', 'switch2', 'hmat'] as const)(
  '%s: with a block online in a kernel zone',
  (topology) => {
    it.each(WAYS_TO_DETACH)(
      '%s is refused, and works once the block is offline',
      (_, operationOf) => {
        const run = machine(topology);
        const [block] = systemRam(run);
        expect(setState(run, block, 'online_kernel')).toBe('ok');
        const operation = operationOf(run);
        expectRefused(run, operation);
        expect(setState(run, block, 'offline')).toBe('ok');
        expect(run.perform(operation)).toBe('ok');
      },
    );
  },
);

describe('with a block online in a kernel zone', () => {
  it('memory that an unbind left behind counts as well', () => {
    const run = machine();
    const [block] = systemRam(run);
    setState(run, block, 'online_kernel');
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/unbind', 'region0');
    expect(run.view.read(`${MEMORY}/${block}/valid_zones`)).toBe('Normal');
    for (const [, operationOf] of WAYS_TO_DETACH) expectRefused(run, operationOf(run));
  });

  it('any device of an interleaved region counts', () => {
    const run = machine('switch2');
    const [, block] = systemRam(run, 2);
    setState(run, block, 'online');
    for (const memdev of cxlDevices(run.view, /^mem\d+$/))
      expectRefused(run, write('/sys/bus/cxl/drivers/cxl_mem/unbind', memdev));
    expectRefused(run, write('/sys/bus/cxl/drivers/cxl_port/unbind', 'port1'));
  });

  it('the other device of the machine may go', () => {
    const run = machine();
    const [block] = systemRam(run);
    setState(run, block, 'online_kernel');
    const other = cxlDevices(run.view, /^mem\d+$/).find((name) => name !== firstMemdev(run)) ?? '';
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_mem/unbind', other);
    mustWrite(run, `/sys/bus/pci/devices/${functionsAbove(run, other)[0]}/remove`, '1');
  });

  // A dynamic region has no memory until an extent arrives.
  it.each(TOPOLOGIES.filter((name) => name !== 'dynamic'))(
    '%s: releasing what keeps the decoders is not refused, as on Linux',
    (topology) => {
      const run = machine(topology, 'mainline-7.2', (description) => ({
        ...description,
        regions: [],
      }));
      const [block] = systemRam(run);
      setState(run, block, 'online_kernel');
      mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
      expect(run.perform({ kind: 'unload', module: 'dax_cxl' })).toBe('ok');
      mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/unbind', 'region0');
      mustWrite(
        run,
        '/sys/bus/pci/drivers/pcieport/unbind',
        functionsAbove(run, firstMemdev(run)).at(-1) ?? '',
      );
      expect(run.view.read(`${REGION}/commit`)).toBe('1');
      expect(run.view.read(`${MEMORY}/${block}/state`)).toBe('online');
    },
  );

  it('a locked region may be deleted: its decoders are never reset', () => {
    const run = machineOfFixedWindows();
    const [block] = systemRam(run);
    setState(run, block, 'online_kernel');
    expect(run.write(`${REGION}/commit`, '0')).toBe('EPERM');
    mustWrite(run, `${CXL_DEVICES}/${parentOf(run.view, 'region0')}/delete_region`, 'region0');
    expect(setState(run, block, 'offline')).toBe('ok');
    expect(setState(run, block, 'online_kernel')).toBe('ok');
  });
});

describe('with a block online in the Movable zone', () => {
  it.each(WAYS_TO_DETACH)('%s is not refused, as on Linux', (_, operationOf) => {
    const run = machine();
    const [block] = systemRam(run);
    setState(run, block, 'online_movable');
    expect(run.perform(operationOf(run))).toBe('ok');
    expect(run.view.read(`${MEMORY}/${block}/state`)).toBe('online');
    expect(run.view.read('/proc/iomem')).toContain('System RAM (kmem)');
  });

  it('what was left behind may not become kernel memory any more', () => {
    const run = machine();
    const [block, offline] = systemRam(run);
    setState(run, block, 'online_movable');
    mustWrite(run, `${REGION}/commit`, '0');
    expect(setState(run, block, 'offline')).toBe('ok');
    for (const left of [block, offline]) {
      expect(setState(run, left, 'online_kernel')).toBe('EBUSY');
      expect(run.machine.kernel.log.lines().at(-1)?.text).toMatch(/no CXL decoder routes it/);
      expect(run.view.read(`${MEMORY}/${left}/state`)).toBe('offline');
    }
    expect(setState(run, block, 'online_movable')).toBe('ok');
  });

  it('and may again when the region is committed again', () => {
    const run = machine();
    const [block] = systemRam(run);
    setState(run, block, 'online_movable');
    mustWrite(run, `${REGION}/commit`, '0');
    setState(run, block, 'offline');
    mustWrite(run, `${REGION}/commit`, '1');
    expect(setState(run, block, 'online_kernel')).toBe('ok');
    expectRefused(run, write(`${REGION}/commit`, '0'));
  });
});
