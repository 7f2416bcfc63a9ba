// Pages are conserved: whatever is allocated, freed, added, removed, put online and offline, every
// page of a zone is free, used, isolated or reserved, and the figures in /proc say the same.
import { expect, it } from 'vitest';
import { WORKLOAD_KINDS } from '../../src/cxlbox-abi/workload.ts';
import { errnoOf } from '../errno-of.ts';
import { auditZone } from './audit.ts';
import { BLOCK, FIRST, MEMORY, TestMachine } from './machine.ts';

const OPERATIONS = 100_000;
const AUDIT_EVERY = 1000;
const WORDS = ['offline', 'offline', 'online', 'online_kernel', 'online_movable'] as const;
const BLOCKS = 24;
const RANGE = 4;
const POLICIES = ['', 'node=0', 'node=0-1 policy=interleave', 'node=2', 'node=2 policy=preferred'];

/** A fixed sequence: the same on every run. */
function sequence(): (below: number) => number {
  let seed = 20261120;
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

function zonesOf(machine: TestMachine) {
  return machine.mm.nodes.ids('possible').flatMap((nid) => [...machine.mm.nodes.node(nid).zones]);
}

type Operation = (machine: TestMachine, pick: (below: number) => number) => string;

const OPERATION: readonly (readonly [name: string, weight: number, run: Operation])[] = [
  [
    'create',
    300,
    (machine, pick) => {
      const kind = WORKLOAD_KINDS[pick(WORKLOAD_KINDS.length)] ?? 'anon';
      const unit = kind === 'hugetlb-1G' ? 1024 : 2;
      const size = (1 + pick(kind === 'hugetlb-1G' ? 2 : 100)) * unit;
      const text = `w${pick(12)} ${kind} ${size}M ${POLICIES[pick(POLICIES.length)]}`;
      return machine.write('/sys/kernel/debug/cxlbox/workload/create', text);
    },
  ],
  [
    'resize',
    300,
    (machine, pick) => {
      const list = machine.mm.workloads.list();
      const workload = list[pick(list.length)];
      if (workload === undefined) return 'none';
      const unit = 2 ** workload.owner.kind.order * 4096;
      return errnoOf(() => workload.resize(pick(Math.ceil(2 ** 28 / unit)) * unit));
    },
  ],
  ['delete', 150, (machine, pick) => errnoOf(() => machine.mm.workloads.delete(`w${pick(12)}`))],
  [
    'state',
    600,
    (machine, pick) => machine.state(pick(BLOCKS), WORDS[pick(WORDS.length)] ?? 'online'),
  ],
  [
    'boot block',
    50,
    (machine, pick) => {
      const path = `${MEMORY}/memory${33 + pick(13)}/online`;
      return machine.write(path, String(pick(2)));
    },
  ],
  [
    'add',
    2,
    (machine, pick) =>
      errnoOf(() =>
        machine.add(pick(BLOCKS / RANGE) * RANGE, RANGE, { memmapOnMemory: pick(2) === 0 }),
      ),
  ],
  [
    'remove',
    100,
    (machine, pick) => errnoOf(() => machine.remove(pick(BLOCKS / RANGE) * RANGE, RANGE)),
  ],
  [
    'soft offline',
    1,
    (machine, pick) =>
      machine.write(
        `${MEMORY}/soft_offline_page`,
        String((FIRST + pick(BLOCKS)) * BLOCK + pick(BLOCK / 4096) * 4096),
      ),
  ],
  [
    'hard offline',
    1,
    (machine, pick) =>
      machine.write(
        `${MEMORY}/hard_offline_page`,
        String((FIRST + pick(BLOCKS)) * BLOCK + pick(BLOCK / 4096) * 4096),
      ),
  ],
];

it(`${OPERATIONS} random operations`, () => {
  const machine = new TestMachine({ memmapOnMemory: 'Y' });
  const pick = sequence();
  const choices = OPERATION.flatMap(
    ([name, weight, run]) =>
      new Array(weight).fill([name, run] as const) as (readonly [string, Operation])[],
  );
  const seen = new Set<string>();
  for (let count = 1; count <= OPERATIONS; count += 1) {
    const [name, run] = choices[pick(choices.length)] ?? ['', () => ''];
    seen.add(`${name}: ${run(machine, pick)}`);
    machine.events.length = 0;
    for (const zone of zonesOf(machine)) {
      if (zone.managed - zone.free !== zone.pages.used)
        expect.fail(`after ${count} operations, the last ${name}: node ${zone.nid} ${zone.name}`);
    }
    if (count % AUDIT_EVERY === 0) for (const zone of zonesOf(machine)) auditZone(zone);
  }
  for (const outcome of [
    'create: ok',
    'create: ENOMEM',
    'resize: ok',
    'delete: ok',
    'state: ok',
    'state: EBUSY',
    'boot block: ok',
    'add: ok',
    'remove: ok',
    'remove: EBUSY',
    'soft offline: ok',
    'hard offline: ok',
  ])
    expect([...seen]).toContain(outcome);
  for (const workload of machine.mm.workloads.list()) machine.mm.workloads.delete(workload.name);
  for (const zone of zonesOf(machine)) auditZone(zone);
}, 300_000);
