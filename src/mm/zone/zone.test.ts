import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../../test/errno-of.ts';
import { BLOCK, FIRST, MEMORY, NODE, TestMachine } from '../../../test/mm/machine.ts';
import { BLOCK_STATE } from '../memory-block.ts';
import { ZONE_COUNT } from './zone.ts';

const PAGES = BLOCK / 4096;
const START = FIRST * PAGES;

function movable(machine: TestMachine): { start: number; spanned: number; present: number } {
  const { startPfn, spanned, present } = machine.zoneFigures(2, 'Movable');
  return {
    start: (startPfn - (spanned === 0 ? 0 : START)) / PAGES,
    spanned: spanned / PAGES,
    present: present / PAGES,
  };
}

describe('spans', () => {
  it.each([
    ['grows over a hole', [1, 4], [], { start: 1, spanned: 4, present: 2 }],
    ['grows downwards', [4, 1], [], { start: 1, spanned: 4, present: 2 }],
    ['an interior block leaves the span', [1, 2, 3], [2], { start: 1, spanned: 3, present: 2 }],
    [
      'the first block: on to the next online one',
      [1, 2, 4],
      [2, 1],
      { start: 4, spanned: 1, present: 1 },
    ],
    [
      'the last block: back to the previous online one',
      [1, 3, 4],
      [3, 4],
      { start: 1, spanned: 1, present: 1 },
    ],
    ['empty', [1, 2], [1, 2], { start: 0, spanned: 0, present: 0 }],
  ])('%s', (_, online, offline, expected) => {
    const machine = new TestMachine();
    machine.add(0, 6);
    for (const block of online) expect(machine.state(block, 'online_movable')).toBe('ok');
    for (const block of offline) expect(machine.state(block, 'offline')).toBe('ok');
    expect(movable(machine)).toEqual(expected);
  });

  it('a boot zone that ends inside a block shrinks back to there', () => {
    const machine = new TestMachine();
    const before = machine.zoneFigures(0, 'DMA32');
    machine.mm.nodes
      .node(0)
      .zone(1)
      .grow(16 * PAGES, PAGES);
    machine.mm.hotplug.context.blocks.insert(16, 0);
    expect(machine.write(`${MEMORY}/memory16/state`, 'online_kernel')).toBe('ok');
    expect(machine.zoneFigures(0, 'DMA32').spanned).toBe(17 * PAGES - 4096);
    expect(machine.write(`${MEMORY}/memory16/state`, 'offline')).toBe('ok');
    expect(machine.zoneFigures(0, 'DMA32').spanned).toBe(before.spanned);
  });
});

describe('masks', () => {
  it('a node with Movable memory only has no normal memory', () => {
    const machine = new TestMachine();
    machine.add(0, 2);
    const masks = (): string[] =>
      ['online', 'has_memory', 'has_normal_memory', 'has_cpu'].map((mask) =>
        machine.read(`${NODE}/${mask}`).trim(),
      );
    expect(masks()).toEqual(['0-2', '0-1', '0-1', '0-1']);
    machine.state(0, 'online_movable');
    expect(masks()).toEqual(['0-2', '0-2', '0-1', '0-1']);
    machine.state(1, 'online_kernel');
    expect(masks()).toEqual(['0-2', '0-2', '0-2', '0-1']);
    machine.state(1, 'offline');
    machine.state(0, 'offline');
    expect(masks()).toEqual(['0-2', '0-1', '0-1', '0-1']);
  });
});

describe('auto-movable', () => {
  const policy = { onlinePolicy: 'auto-movable' } as const;

  it.each([
    ['numa aware: never movable on a node without boot memory', policy, 8, 'Normal'],
    ['not numa aware: within the ratio', { ...policy, autoMovableNumaAware: false }, 8, 'Movable'],
    ['ratio 0', { ...policy, autoMovableNumaAware: false, autoMovableRatio: 0 }, 8, 'Normal'],
    [
      'the whole group must fit',
      { ...policy, autoMovableNumaAware: false, autoMovableRatio: 24 },
      8,
      'Normal',
    ],
    [
      'it just fits',
      { ...policy, autoMovableNumaAware: false, autoMovableRatio: 26 },
      8,
      'Movable',
    ],
  ] as const)('%s', (_, config, blocks, zone) => {
    const machine = new TestMachine(config);
    machine.add(0, blocks, { onlineType: 'online' });
    expect(new Set(Array.from({ length: blocks }, (_each, block) => machine.zones(block)))).toEqual(
      new Set([zone]),
    );
  });

  it('a group with kernel memory stays kernel memory', () => {
    const machine = new TestMachine({ ...policy, autoMovableNumaAware: false });
    machine.add(0, 2);
    machine.state(0, 'online_kernel');
    machine.state(1, 'online');
    expect(machine.zones(1)).toBe('Normal');
  });
});

describe('pages in use', () => {
  it('move to another node when the block goes', () => {
    const machine = new TestMachine();
    machine.add(0, 2, { onlineType: 'online_movable' });
    const zone = machine.zone(2, 'Movable');
    machine.occupy(zone, PAGES + 100);
    const { free } = machine.mm.nodes.node(0);
    expect(machine.state(0, 'offline')).toBe('ok');
    expect(zone.free).toBe(PAGES - 100);
    expect(free - machine.mm.nodes.node(0).free).toBe(PAGES);
  });

  it('EBUSY if they fit nowhere', () => {
    const machine = new TestMachine();
    machine.add(0, 1, { onlineType: 'online_movable' });
    for (const node of machine.mm.nodes.online())
      for (const zone of node.zones) machine.occupy(zone, zone.free);
    expect(machine.state(0, 'offline')).toBe('EBUSY');
    expect(machine.state(0)).toBe('online');
  });
});

const WORDS = ['offline', 'online', 'online_kernel', 'online_movable'] as const;

type Step =
  | { readonly kind: 'write'; readonly block: number; readonly text: (typeof WORDS)[number] }
  | {
      readonly kind: 'add' | 'remove';
      readonly at: number;
      readonly size: number;
      readonly hosted: boolean;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      block: fc.nat(23),
      text: fc.constantFrom(...WORDS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('add' as const, 'remove' as const),
      at: fc.nat(20),
      size: fc.integer({ min: 1, max: 6 }),
      hosted: fc.boolean(),
    }),
  },
);

/** Every figure of the zones follows from the blocks. */
function checkInvariants(machine: TestMachine, present: ReadonlySet<number>): void {
  const { blocks, nodes } = machine.mm.hotplug.context;
  const window = [...blocks.ids()].filter((id) => id >= FIRST);
  expect(window).toEqual([...present].sort((a, b) => a - b));
  expect(blocks.count).toBe(32 + present.size);
  const expected = Array.from({ length: ZONE_COUNT }, () => ({ present: 0, managed: 0 }));
  for (const id of window) {
    const chunk = blocks.chunk(id);
    const online = blocks.state(id) === BLOCK_STATE.online;
    expect(blocks.zone(id) >= 0).toBe(online);
    const sum = expected[blocks.zone(id)];
    if (!online || sum === undefined) continue;
    sum.present += PAGES;
    sum.managed += PAGES - (chunk?.vmemmapPages[blocks.row(id)] ?? 0);
    const zone = nodes.node(2).zone(blocks.zone(id));
    expect(zone.startPfn <= blocks.startPfn(id) && zone.endPfn >= blocks.startPfn(id) + PAGES).toBe(
      true,
    );
  }
  const node = nodes.node(2);
  expect(node.zones.map(({ present, managed }) => ({ present, managed }))).toEqual(expected);
  for (const zone of node.zones) {
    expect(zone.free).toBeGreaterThanOrEqual(0);
    expect(zone.managed - zone.free).toBe(zone.pages.used);
    expect(zone.spanned > 0).toBe(zone.present > 0);
  }
  expect(nodes.hasMemory(2)).toBe(node.present > 0);
  expect(nodes.has('has_normal_memory', 2)).toBe(node.presentKernel > 0);
  expect(nodes.isOnline(2)).toBe(present.size > 0);
}

it('any sequence keeps blocks, zones and masks in step; undoing all restores the machine', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const machine = new TestMachine({ memmapOnMemory: 'Y' });
      const before =
        machine.read('/proc/meminfo') + machine.read('/proc/zoneinfo') + machine.mm.iomem.render();
      const ranges = new Map<number, number>();
      const present = new Set<number>();
      for (const each of steps) {
        if (each.kind === 'write') {
          if (present.has(FIRST + each.block)) machine.state(each.block, each.text);
        } else if (each.kind === 'add') {
          const added =
            errnoOf(() => machine.add(each.at, each.size, { memmapOnMemory: each.hosted })) ===
            'ok';
          if (added) ranges.set(each.at, each.size);
          for (let id = 0; added && id < each.size; id += 1) present.add(FIRST + each.at + id);
        } else {
          const size = ranges.get(each.at);
          if (size === undefined || errnoOf(() => machine.remove(each.at, size)) !== 'ok') continue;
          ranges.delete(each.at);
          for (let id = 0; id < size; id += 1) present.delete(FIRST + each.at + id);
        }
        checkInvariants(machine, present);
      }
      for (const id of [...present].sort((a, b) => b - a))
        machine.write(`${MEMORY}/memory${id}/online`, '0');
      // A block that hosts the page structures of others is free once those are gone.
      const rest = [...ranges].sort(([a], [b]) => b - a);
      for (let round = 0; round <= rest.length; round += 1) {
        for (const [at, size] of rest) errnoOf(() => machine.remove(at, size));
        for (const id of present)
          if (machine.exists(`${MEMORY}/memory${id}`))
            machine.write(`${MEMORY}/memory${id}/online`, '0');
      }
      expect(
        machine.read('/proc/meminfo') + machine.read('/proc/zoneinfo') + machine.mm.iomem.render(),
      ).toBe(before);
    }),
    { numRuns: 150 },
  );
});

it('half a million blocks', () => {
  const size = 524288;
  const machine = new TestMachine({
    physicalAddressBits: 52,
    memmapOnMemory: 'Y',
    autoOnlineBlocks: 'online_movable',
  });
  let events = 0;
  machine.kernel.uevents.subscribe(() => {
    events += 1;
    machine.events.length = 0;
  });
  machine.mm.hotplug.addDriverManagedMemory({
    group: machine.mm.hotplug.registerStaticGroup(3, size * PAGES),
    start: 2 ** 40,
    size: size * BLOCK,
    name: 'System RAM (kmem)',
    memmapOnMemory: true,
  });
  expect(events).toBe(1 + 2 * size);
  expect(machine.zoneFigures(3, 'Movable').present).toBe(size * PAGES);
  expect(machine.read(`${MEMORY}/memory${2 ** 13 + size - 1}/valid_zones`)).toBe('Movable\n');
});
