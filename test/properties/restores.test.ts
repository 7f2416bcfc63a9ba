// A little of what must be restored, on each machine; `npm run explore -- unbinding deleting` does
// more.
import { afterAll, describe, expect, it } from 'vitest';
import { dumpTree } from './invariants/tree.ts';
import { MachineRun } from './machine-run.ts';
import { describeMachine, TOPOLOGIES } from './machines.ts';
import { difference } from './random-sequences.ts';
import { checkIdleRestored, checkUnbindRestores, LEFT_BY_REGIONS } from './restores.ts';
import { SEED } from './seed.ts';
import { comparable, giveBack, unbind } from './teardown.ts';

const RUNS = 4;
const SEQUENCES = TOPOLOGIES.length * RUNS;

describe.each(['mainline-7.2', 'explicit-region-drivers-v1'] as const)('%s', (abi) => {
  const sum = { unbound: 0, refused: 0, compared: 0 };

  it.each(TOPOLOGIES)('%s: unbinding restores the tree before binding', (topology) => {
    const done = checkUnbindRestores(abi, { seed: SEED, runs: RUNS, topologies: [topology] });
    sum.unbound += done.unbound;
    sum.refused += done.refused;
  });

  it.each(TOPOLOGIES)('%s: deleting all regions gives back the idle tree', (topology) => {
    const round = { seed: SEED, runs: RUNS, topologies: [topology] };
    sum.compared += checkIdleRestored(abi, round).compared;
  });

  afterAll(() => {
    expect(sum.unbound).toBeGreaterThan(SEQUENCES / 8);
    expect(sum.refused).toBeGreaterThan(SEQUENCES);
    expect(sum.compared).toBeGreaterThan((SEQUENCES * 3) / 4);
  });

  it.each(TOPOLOGIES)('%s: what is unbound of the idle topology can be bound again', (topology) => {
    const run = new MachineRun(
      describeMachine(abi, { topology, autoOnlineBlocks: 'offline', memmapOnMemory: 'N' }),
    );
    giveBack(run);
    const before = comparable(dumpTree(run.view), LEFT_BY_REGIONS);
    const parts = (bus: string, pattern: RegExp): [string, string][] =>
      run.view.names(`/sys/bus/${bus}/devices`, pattern).map((name) => [bus, name]);
    const all = [
      ...parts('cxl', /^(mem|endpoint|port)\d/),
      ...parts('pci', /./),
      ...parts('platform', /^ACPI0017/),
    ];
    let compared = 0;
    for (const [bus, device] of all) {
      if (unbind(run, bus, device) !== 'ok') continue;
      for (const [other, pattern] of [
        ['platform', /./],
        ['pci', /./],
        ['cxl', /^port/],
        ['cxl', /^mem/],
      ] as const)
        for (const name of run.view.names(`/sys/bus/${other}/devices`, pattern))
          run.write(`/sys/bus/${other}/drivers_probe`, name);
      expect([device, difference(before, comparable(dumpTree(run.view), LEFT_BY_REGIONS))]).toEqual(
        [device, undefined],
      );
      compared += 1;
    }
    expect(compared).toBe(all.length);
  });
});
