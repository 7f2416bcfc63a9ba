import { describe, expect, it } from 'vitest';
import { dumpTree, type TreeDump } from '../../../test/properties/invariants/tree.ts';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { difference } from '../../../test/properties/random-sequences.ts';
import { loadMachine } from '../../machine-files/load.ts';
import { HOTPLUG_STEP_NAMES, HOTPLUG_STEPS } from '../../mm/hotplug/steps.ts';
import { hotplugStep } from './hotplug-step.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';
const CXL = '/sys/bus/cxl';
const KMEM = '/sys/bus/dax/drivers/kmem';
const MEMORY = '/sys/devices/system/memory';
const FIRST = 50;
const BLOCKS = 32;
const BOOT_BLOCKS = 32;

/**
 * region0 as a dax device without a driver: kmem adds its memory when it is bound, or when it
 * learns of the device.
 */
function daxMachine(
  onlineType: 'offline' | 'online_movable',
  memmapOnMemory: 'N' | 'Y' = 'N',
): MachineRun {
  const base = loadMachine('default');
  const run = new MachineRun({
    ...base,
    boot: { ...base.boot, autoOnlineBlocks: onlineType, memmapOnMemory },
  });
  expect(run.write(`${CXL}/drivers/cxl_devdax_region/bind`, 'region0')).toBe('ok');
  expect(run.write('/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0')).toBe('ok');
  run.write(`/sys/bus/dax/devices/dax0.0/memmap_on_memory`, '1');
  if (onlineType !== 'offline') return run;
  expect(run.write(`${KMEM}/new_id`, 'dax0.0')).toBe('ok');
  expect(run.write(`${KMEM}/unbind`, 'dax0.0')).toBe('ok');
  return run;
}

/** Without the number of events so far. */
function stateOf(run: MachineRun): TreeDump {
  const dump = dumpTree(run.view);
  dump.delete('/sys/kernel/uevent_seqnum');
  return dump;
}

const eventsSince = (run: MachineRun, from: number): string[] =>
  run.events.slice(from).map(({ action, devpath }) => `${action} ${devpath.split('/').at(-1)}`);

const struck = (run: MachineRun): string =>
  /struck=\d+$/m.exec(run.view.read(`${FAULT}/list`) ?? '')?.[0] ?? '';

const ADD_STEPS = HOTPLUG_STEP_NAMES.filter(
  (name) => name.startsWith('add:') && name !== 'add:online',
);
const ONLINE_STEPS = HOTPLUG_STEP_NAMES.filter((name) => name.startsWith('online:'));

describe('a step of adding memory fails', () => {
  const cases = ADD_STEPS.flatMap((step) =>
    (['N', 'Y'] as const).flatMap((memmap) =>
      (step === 'add:blocks' ? [0, 1, BLOCKS - 1] : [0]).map(
        (skip) => [step, skip, memmap] as const,
      ),
    ),
  );
  it.each(cases)('%s, after %i, memmap_on_memory %s: nothing is left', (step, skip, memmap) => {
    const run = daxMachine('offline', memmap);
    const before = stateOf(run);
    expect(
      run.write(`${FAULT}/inject`, `hotplug step=${step} errno=ENOMEM times=1 skip=${skip}`),
    ).toBe('ok');
    expect(run.write(`${KMEM}/bind`, 'dax0.0')).toBe('ENOMEM');
    expect(struck(run)).toBe('struck=1');
    expect(difference(before, stateOf(run))).toBeUndefined();
    // It strikes once: the next attempt succeeds.
    expect(run.write(`${KMEM}/bind`, 'dax0.0')).toBe('ok');
    expect(run.view.names(MEMORY, /^memory\d+$/)).toHaveLength(BOOT_BLOCKS + BLOCKS);
    expect(run.view.exists(`/sys/devices/system/node/node2/memory${FIRST}`)).toBe(true);
  });

  it('add:blocks: blocks that were made are taken back, in order, and tell so', () => {
    const run = daxMachine('offline');
    run.write(`${FAULT}/inject`, 'hotplug step=add:blocks skip=2');
    const from = run.events.length;
    run.write(`${KMEM}/bind`, 'dax0.0');
    expect(eventsSince(run, from)).toEqual([
      'add node2',
      'add memory50',
      'add memory51',
      'remove memory50',
      'remove memory51',
      'remove node2',
    ]);
  });

  it('add:online ends automatic onlining, and adding has succeeded', () => {
    const run = daxMachine('online_movable');
    run.write(`${FAULT}/inject`, 'hotplug step=add:online skip=3 times=1');
    expect(run.write(`${KMEM}/new_id`, 'dax0.0')).toBe('ok');
    expect(run.view.linkName('/sys/bus/dax/devices/dax0.0/driver')).toBe('kmem');
    const online = run.view
      .names(MEMORY, /^memory\d+$/)
      .filter(
        (name) =>
          Number(name.slice(6)) >= FIRST && run.view.read(`${MEMORY}/${name}/online`) === '1',
      );
    expect(online.sort()).toEqual(['memory50', 'memory51', 'memory52']);
  });
});

describe('a step of onlining a block fails', () => {
  it.each(ONLINE_STEPS)('%s: the block stays offline, nothing else changed', (step) => {
    const run = daxMachine('offline', step === 'online:memmap-on-memory' ? 'Y' : 'N');
    expect(run.write(`${KMEM}/bind`, 'dax0.0')).toBe('ok');
    const before = stateOf(run);
    const from = run.events.length;
    run.write(`${FAULT}/inject`, `hotplug step=${step} errno=EBUSY times=1`);
    expect(run.write(`${MEMORY}/memory${FIRST}/state`, 'online_movable')).toBe('EBUSY');
    expect([struck(run), eventsSince(run, from)]).toEqual(['struck=1', []]);
    expect(difference(before, stateOf(run))).toBeUndefined();
    expect(run.write(`${MEMORY}/memory${FIRST}/state`, 'online_movable')).toBe('ok');
  });

  it('the kernel log says which fault it was', () => {
    const run = daxMachine('offline');
    run.write(`${KMEM}/bind`, 'dax0.0');
    run.write(`${FAULT}/inject`, 'hotplug step=online:notifier');
    run.write(`${MEMORY}/memory${FIRST}/state`, 'online');
    const lines = run.machine.kernel.log.lines().map(({ text }) => text);
    expect(lines).toContain('cxlbox: fault 1 strikes: online:notifier fails with ENOMEM');
  });
});

describe('what a step may be called', () => {
  it.each([
    ['add:memmap', 'add:memmap'],
    ['memmap', 'add:memmap'],
    ['add:7', 'add:memmap'],
    ['7', 'add:memmap'],
    ['online:6', 'online:notifier'],
    ['notifier', 'online:notifier'],
    ['add:12', 'add:online'],
    ['6', 'add:node'],
    ['9', undefined],
    ['online:14', undefined],
    ['add:notifier', undefined],
    ['', undefined],
    ['add:', undefined],
    ['add:memmap:junk', undefined],
    ['add:7:', undefined],
    ['memmap:add', undefined],
  ])('%s is %s', (text, step) => {
    expect(hotplugStep(text)).toBe(step);
  });

  it('each by its number', () => {
    for (const name of HOTPLUG_STEP_NAMES)
      expect(hotplugStep(`${name.split(':')[0]}:${HOTPLUG_STEPS[name]}`)).toBe(name);
  });
});
