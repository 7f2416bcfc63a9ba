// Links that lead nowhere: the invariant of the tree allows those of Linux, and no others.
import { describe, expect, it } from 'vitest';
import { linkTo } from '../../src/kernfs/node.ts';
import { FAULT } from './actions/fault-actions.ts';
import { dumpTree } from './invariants/tree.ts';
import { MachineRun } from './machine-run.ts';
import { describeMachine } from './machines.ts';

const UPSTREAM = '/sys/bus/pci/devices/0000:0d:00.0';
const SWITCH_PORT = '/sys/devices/platform/ACPI0017:00/root0/port1/port2';

/** A switch whose port got no driver, hence no endpoint. */
function withoutEndpoints(path: string, text: string): MachineRun {
  const run = new MachineRun(
    describeMachine('mainline-7.2', {
      topology: 'switch2',
      autoOnlineBlocks: 'offline',
      memmapOnMemory: 'N',
    }),
  );
  for (const name of ['mem0', 'mem1']) run.write('/sys/bus/cxl/drivers/cxl_mem/unbind', name);
  expect(run.view.exists(SWITCH_PORT)).toBe(false);
  expect(run.write(path, text)).toBe('ok');
  expect(run.write('/sys/bus/cxl/drivers/cxl_mem/bind', 'mem0')).toBe('ENXIO');
  expect(run.view.exists(`${SWITCH_PORT}/driver`)).toBe(false);
  return run;
}

describe.each([
  ['drivers_autoprobe is 0', '/sys/bus/cxl/drivers_autoprobe', '0'],
  ['the probe fails', `${FAULT}/inject`, 'probe cxl_port errno=EIO times=1'],
])('a switch port without endpoints, since %s', (_, path, text) => {
  it.each([
    ['the switch', UPSTREAM],
    ['the root port above it', '/sys/bus/pci/devices/0000:0c:00.0'],
  ])('outlives %s', (__, removed) => {
    const run = withoutEndpoints(path, text);
    expect(run.write(`${removed}/remove`, '1')).toBe('ok');
    expect(run.view.exists(SWITCH_PORT)).toBe(true);
    expect(run.view.node(`${SWITCH_PORT}/uport`)).toBeUndefined();
    expect(() => dumpTree(run.view)).not.toThrow();
  });
});

it.each([
  [SWITCH_PORT, 'dport0'],
  ['/sys/devices/platform/ACPI0017:00/root0/port1', 'uport'],
])('%s/%s does not dangle', (path, name) => {
  const run = withoutEndpoints('/sys/bus/cxl/drivers_autoprobe', '0');
  run.write(`${UPSTREAM}/remove`, '1');
  const [place, kernel] = [run.view.node(path), run.view.node('/sys/kernel')];
  if (place?.kind !== 'directory' || kernel?.kind !== 'directory') throw new Error('not there');
  place.remove(name);
  place.add(linkTo(name, kernel.addDirectory('gone')));
  kernel.remove('gone');
  expect(() => dumpTree(run.view)).toThrow(`${path}/${name} -> `);
});
