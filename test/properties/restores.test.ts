/**
 * What is taken can be given back: unbinding restores the tree before binding, deleting all regions the idle tree,
 * binding a part of the topology again the tree before it was unbound. What Linux leaves behind as well is listed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAX_ACTIONS } from './actions/dax-actions.ts';
import { MEMORY_ACTIONS } from './actions/memory-actions.ts';
import { REGION_ACTIONS } from './actions/region-actions.ts';
import { Chooser } from './chooser.ts';
import { type Command, commandsOf, interpret, machineChoice, SEED } from './commands.ts';
import { must } from './invariants/must.ts';
import { dumpTree } from './invariants/tree.ts';
import { MachineRun } from './machine-run.ts';
import { type Choice, describeMachine, TOPOLOGIES } from './machines.ts';
import { difference } from './random-sequences.ts';
import { comparable, giveBack, leftMemoryBehind, offlineAll, unbind } from './teardown.ts';

const ABIS = ['mainline-7.2', 'explicit-region-drivers-v1'] as const;
const RUNS = 120;

/** Without poisoned pages, which stay. */
const ACTIONS = [
  ...REGION_ACTIONS,
  ...DAX_ACTIONS,
  ...MEMORY_ACTIONS.filter(({ name }) => name !== 'offline a page'),
];

function start(abi: (typeof ABIS)[number], choice: Choice): MachineRun {
  return new MachineRun(describeMachine(abi, choice));
}

function perform(run: MachineRun, commands: readonly Command[]): void {
  for (const command of commands)
    for (const operation of interpret(command, ACTIONS, run.view)) run.perform(operation);
}

/** Left behind by a binding: performance figures after the first memory, with the weights that follow from them; a seed that got a driver is none any more. */
const LEFT_BY_BINDING = [/\/access[01]\//, /\/dax_region\/seed$/, /\/weighted_interleave\/node/];

/**
 * Left behind by a region: figures of switch decoders until the next region, the mode of endpoint decoders and their
 * interleave, what was set of policies, and blocks of boot memory that were set to another state.
 */
const LEFT_BY_REGIONS = [
  /\/decoder\d+\.\d+\/(start|size|interleave_ways|interleave_granularity|target_list|mode)$/,
  /\/access[01]\//,
  /\/parameters\//,
  /\/memory\/auto_online_blocks$/,
  /\/memory\/memory\d+\/(state|online|valid_zones)$/,
  /\/node\/has_(normal_)?memory$/,
  /\/mempolicy\/weighted_interleave\/node/,
  /\/memory_tier/,
];

describe.each(ABIS)('%s', (abi) => {
  it('unbinding restores the tree before binding', () => {
    const property = fc.property(
      machineChoice,
      commandsOf(ACTIONS, 60),
      fc.maxSafeNat(),
      (choice, commands, number) => {
        const run = start(abi, choice);
        perform(run, commands);
        const chooser = new Chooser(number);
        offlineAll(run);
        for (const bus of ['cxl', 'dax']) {
          const devices = run.view
            .names(`/sys/bus/${bus}/devices`, /region\d+$|^dax\d+\.\d+$/)
            .filter((name) => !run.view.exists(`/sys/bus/${bus}/devices/${name}/driver`));
          const device = chooser.of(devices);
          const drivers = run.view
            .names(`/sys/bus/${bus}/drivers`)
            .filter((name) => run.view.exists(`/sys/bus/${bus}/drivers/${name}/bind`));
          for (const driver of drivers) {
            if (device === undefined) continue;
            const before = comparable(dumpTree(run.view), LEFT_BY_BINDING);
            if (run.write(`/sys/bus/${bus}/drivers/${driver}/bind`, device) !== 'ok') continue;
            if (!offlineAll(run)) return;
            must(unbind(run, bus, device) === 'ok', () => `${device} cannot be unbound`);
            const other = difference(before, comparable(dumpTree(run.view), LEFT_BY_BINDING));
            must(
              other === undefined,
              () => `${driver} ${device}: before binding and after: ${other}`,
            );
          }
        }
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('deleting all regions gives back the idle tree', () => {
    let compared = 0;
    const property = fc.property(machineChoice, commandsOf(ACTIONS, 60), (choice, commands) => {
      const run = start(abi, choice);
      const idle = start(abi, choice);
      giveBack(idle);
      perform(run, commands);
      if (!giveBack(run) || leftMemoryBehind(run)) return;
      compared += 1;
      const other = difference(
        comparable(dumpTree(idle.view), LEFT_BY_REGIONS),
        comparable(dumpTree(run.view), LEFT_BY_REGIONS),
      );
      must(other === undefined, () => `idle and after: ${other}`);
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
    expect(compared).toBeGreaterThan(RUNS / 2);
  });

  it.each(TOPOLOGIES)('%s: what is unbound of the idle topology can be bound again', (topology) => {
    const run = start(abi, { topology, autoOnlineBlocks: 'offline', memmapOnMemory: 'N' });
    giveBack(run);
    const before = comparable(dumpTree(run.view), LEFT_BY_REGIONS);
    const parts = (bus: string, pattern: RegExp): [string, string][] =>
      run.view.names(`/sys/bus/${bus}/devices`, pattern).map((name) => [bus, name]);
    const all = [
      ...parts('cxl', /^(mem|endpoint|port)\d/),
      ...parts('pci', /./),
      ...parts('platform', /^ACPI0017/),
    ];
    expect(all.length).toBeGreaterThan(3);
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
    }
  });
});
