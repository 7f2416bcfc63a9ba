/**
 * PCI functions that are removed are found again: each function of each machine, alone and in pairs
 * in both orders, then a rescan. All of it happens to one machine, so that nothing may add up
 * either.
 */
import { describe, expect, it } from 'vitest';
import { dumpTree, type TreeDump } from './invariants/tree.ts';
import { MachineRun } from './machine-run.ts';
import { describeMachine, TOPOLOGIES } from './machines.ts';
import { difference } from './random-sequences.ts';
import type { SysfsView } from './sysfs-view.ts';
import { comparable, giveBack } from './teardown.ts';

const FUNCTIONS = '/sys/bus/pci/devices';
const DECODER_MODE = /^(.*\/endpoint\d+)\/decoder\d+\.\d+\/mode$/;

function removalsOf(view: SysfsView): string[][] {
  const functions = view.names(FUNCTIONS);
  const pairs = functions.flatMap((first) => functions.map((second) => [first, second]));
  return pairs.map(([first = '', second = '']) => (first === second ? [first] : [first, second]));
}

/**
 * Ports, memory devices and decoders have the numbers that they had, since each number that was
 * freed is the lowest free one when its turn comes. One thing differs on Linux as well: an endpoint
 * decoder is a new object, whose mode is `none` until it is written; the old one kept the mode that
 * a region gave it.
 */
function expected(idle: TreeDump, removed: readonly string[]): TreeDump {
  const isNew = (endpoint: string): boolean =>
    removed.some((address) => idle.get(`${endpoint}/uport`)?.includes(`/${address}/`));
  return new Map(
    [...idle].map(([path, value]) => {
      const endpoint = DECODER_MODE.exec(path)?.[1];
      return [path, endpoint !== undefined && isNew(endpoint) ? '644 none\n' : value];
    }),
  );
}

describe.each(['mainline-7.2', 'explicit-region-drivers-v1'] as const)('%s', (abi) => {
  it.each(TOPOLOGIES)('%s: what was removed is found again', (topology) => {
    const run = new MachineRun(
      describeMachine(abi, { topology, autoOnlineBlocks: 'offline', memmapOnMemory: 'N' }),
    );
    const { view } = run;
    giveBack(run);
    let idle = comparable(dumpTree(view), []);
    const functions = view.names(FUNCTIONS).length;
    for (const removal of removalsOf(view)) {
      for (const address of removal) {
        const outcome = run.write(`${FUNCTIONS}/${address}/remove`, '1');
        const goneWithTheFirst = address === removal[1] && below(idle, removal[0], address);
        expect([removal, outcome]).toEqual([removal, goneWithTheFirst ? 'ENOENT' : 'ok']);
      }
      expect(view.names(FUNCTIONS).length).toBeLessThan(functions);
      expect(run.write('/sys/bus/pci/rescan', '1')).toBe('ok');
      const wanted = expected(idle, removal);
      idle = comparable(dumpTree(view), []);
      expect([removal, difference(wanted, idle)]).toEqual([removal, undefined]);
    }
  });
});

function below(idle: TreeDump, upper: string | undefined, lower: string): boolean {
  return idle.get(`${FUNCTIONS}/${lower}`)?.includes(`/${upper}/`) === true;
}
