/**
 * A region whose memory is in use, for tests of what may not happen to it.
 */
import { expect } from 'vitest';
import type { MachineDescription } from '../../src/platform/description/types.ts';
import { hotpluggedBlocks } from '../properties/actions/memory-actions.ts';
import { dumpTree } from '../properties/invariants/tree.ts';
import { MachineRun, type Operation } from '../properties/machine-run.ts';
import { describeMachine, type Topology } from '../properties/machines.ts';
import { difference } from '../properties/random-sequences.ts';
import {
  CXL_DEVICES,
  cxlDevices,
  endpointDecoders,
  MEMORY,
  rootDecoders,
} from '../properties/sysfs-view.ts';

const GRAIN = 0x1000_0000;

export function machine(
  topology: Topology = 'direct2',
  abi: MachineDescription['abi'] = 'mainline-7.2',
  change: (description: MachineDescription) => MachineDescription = (description) => description,
): MachineRun {
  const choice = { topology, autoOnlineBlocks: 'offline', memmapOnMemory: 'N' } as const;
  return new MachineRun(change(describeMachine(abi, choice)));
}

/** Its regions are locked. */
export function machineOfFixedWindows(): MachineRun {
  return machine('direct2', 'mainline-7.2', (description) => ({
    ...description,
    windows: description.windows.map((window) => ({
      ...window,
      restrictions: new Set([...window.restrictions, 'fixed' as const]),
    })),
  }));
}

export function mustWrite(run: MachineRun, path: string, text: string): void {
  expect([path, text, run.write(path, text)]).toEqual([path, text, 'ok']);
}

/** Makes and commits region0 over the first decoder of `ways` devices, 256 MiB of each. */
export function commitRegion(run: MachineRun, ways = 1): void {
  const { view } = run;
  const [root] = rootDecoders(view);
  const region = `${CXL_DEVICES}/region0`;
  mustWrite(run, `${CXL_DEVICES}/${root}/create_ram_region`, 'region0');
  mustWrite(run, `${region}/interleave_granularity`, '256');
  mustWrite(run, `${region}/interleave_ways`, `${ways}`);
  mustWrite(run, `${region}/size`, `${ways * GRAIN}`);
  const first = endpointDecoders(view).filter((name) => name.endsWith('.0'));
  let position = 0;
  for (const decoder of first) {
    if (position === ways) break;
    mustWrite(run, `${CXL_DEVICES}/${decoder}/mode`, 'ram');
    mustWrite(run, `${CXL_DEVICES}/${decoder}/dpa_size`, `${GRAIN}`);
    // A device below another host bridge than the window's is refused.
    if (run.write(`${region}/target${position}`, decoder) === 'ok') position += 1;
  }
  mustWrite(run, `${region}/commit`, '1');
}

/** As commitRegion, with its memory added by kmem; the blocks are offline. */
export function systemRam(run: MachineRun, ways = 1): string[] {
  commitRegion(run, ways);
  mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/bind', 'region0');
  const blocks = hotpluggedBlocks(run.view);
  expect(blocks.length).toBeGreaterThan(1);
  return blocks;
}

export function setState(run: MachineRun, block: string | undefined, state: string): string {
  return run.write(`${MEMORY}/${block}/state`, state);
}

/** The memory device of the region's first target, such as `mem1`. */
export function firstMemdev(run: MachineRun): string {
  const [decoder = ''] = (run.view.read(`${CXL_DEVICES}/region0/target0`) ?? '').split('.');
  return run.view.linkName(`${CXL_DEVICES}/${decoder.replace('decoder', 'endpoint')}/uport`) ?? '';
}

export function endpointOf(run: MachineRun, memdev: string): string {
  const endpoints = cxlDevices(run.view, /^endpoint\d+$/);
  return (
    endpoints.find((name) => run.view.linkName(`${CXL_DEVICES}/${name}/uport`) === memdev) ?? ''
  );
}

/** The PCI function of a memory device and those above it, nearest first. */
export function functionsAbove(run: MachineRun, memdev: string): string[] {
  return run.view
    .link(`${CXL_DEVICES}/${memdev}`)
    .filter((part) => /^\d{4}:/.test(part))
    .reverse();
}

/** Refused with EBUSY, nothing changed, and the log says why. */
export function expectRefused(run: MachineRun, operation: Operation): void {
  const before = dumpTree(run.view);
  const events = run.events.length;
  expect([operation, run.perform(operation)]).toEqual([operation, 'EBUSY']);
  expect(difference(before, dumpTree(run.view))).toBeUndefined();
  expect(run.events.length).toBe(events);
  expect(run.machine.kernel.log.lines().at(-1)?.text).toMatch(/refused.*Linux would crash/);
}
