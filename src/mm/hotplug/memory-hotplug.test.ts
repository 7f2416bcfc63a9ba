import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../../test/errno-of.ts';
import { BLOCK, FIRST, MEMORY, NODE, TestMachine, WINDOW } from '../../../test/mm/machine.ts';
import { ADISTANCE_KMEM } from '../tier/memory-tier.ts';
import { hostedMemmapPages } from './memmap-size.ts';

const PAGES = BLOCK / 4096;
const GIB_BLOCKS = 8;

describe('adding memory', () => {
  it('makes node, blocks, links and the iomem entry; events in the kernel order', () => {
    const machine = new TestMachine();
    machine.add(0, 2);
    expect(machine.take()).toEqual(['add node2', `add memory${FIRST}`, `add memory${FIRST + 1}`]);
    expect(machine.read(`${NODE}/online`)).toBe('0-2\n');
    expect(machine.read(`${NODE}/has_memory`)).toBe('0-1\n');
    expect(machine.read(`${NODE}/node2/memory${FIRST}/state`)).toBe('offline\n');
    expect(machine.read(`${MEMORY}/memory${FIRST}/node2/distance`)).toBe('20 20 10\n');
    expect(machine.read(`/sys/bus/memory/devices/memory${FIRST}/phys_index`)).toBe('00000032\n');
    expect(machine.read(`${NODE}/node0/distance`)).toBe('10 20 20\n');
    expect(machine.mm.iomem.render()).toContain('  190000000-19fffffff : System RAM (kmem)\n');
  });

  it.each([
    ['E2BIG', 'beyond 46 bits', { start: 2 ** 46 - BLOCK, size: 2 * BLOCK }],
    ['EEXIST', 'busy entry there', { start: 4 * 2 ** 30, size: BLOCK }],
    ['EEXIST', 'partly another entry', { start: WINDOW + 4 * 2 ** 30 - BLOCK, size: 2 * BLOCK }],
    ['EINVAL', 'start within a block', { start: WINDOW + 4096, size: BLOCK }],
    ['EINVAL', 'size not of whole blocks', { start: WINDOW, size: BLOCK + 4096 }],
    [
      'EINVAL',
      'name without the brackets',
      { start: WINDOW, size: BLOCK, name: 'System RAM kmem' },
    ],
  ])('%s: %s, and nothing is left behind', (errno, _, range) => {
    const machine = new TestMachine();
    const before = machine.mm.iomem.render();
    const group = machine.mm.hotplug.registerStaticGroup(2, 1);
    const memory = { group, name: 'System RAM (kmem)', memmapOnMemory: false, ...range };
    expect(errnoOf(() => machine.mm.hotplug.addDriverManagedMemory(memory))).toBe(errno);
    expect(machine.mm.iomem.render()).toBe(before);
    expect(machine.read(`${NODE}/online`)).toBe('0-1\n');
    machine.mm.hotplug.unregisterGroup(group);
  });

  it('ENOMEM when no kernel zone can hold the page structures; all is taken back', () => {
    const machine = new TestMachine({ windowNodes: [] });
    const normal = machine.zone(1, 'Normal');
    for (const zone of machine.mm.nodes.node(0).zones) machine.occupy(zone, zone.free);
    machine.occupy(normal, normal.free - 9800);
    const group = machine.mm.hotplug.registerStaticGroup(2, GIB_BLOCKS * PAGES);
    const memory = {
      group,
      start: WINDOW,
      size: GIB_BLOCKS * BLOCK,
      name: 'System RAM (x)',
      memmapOnMemory: false,
    };
    expect(errnoOf(() => machine.mm.hotplug.addDriverManagedMemory(memory))).toBe('ENOMEM');
    expect(normal.free).toBe(9800);
    expect(machine.take()).toEqual(['add node2', 'remove node2']);
    expect(machine.read('/proc/vmstat')).toContain('nr_memmap_pages 0\n');
    expect(group.blocks).toBe(0);
  });

  it.each([
    ['no pages', 2, 0],
    ['a node that is not possible', 9, 100],
  ])('EINVAL for a group with %s', (_, nid, pages) => {
    const machine = new TestMachine();
    expect(errnoOf(() => machine.mm.hotplug.registerStaticGroup(nid, pages))).toBe('EINVAL');
  });

  it('a group with blocks cannot be unregistered', () => {
    const machine = new TestMachine();
    const group = machine.add(0, 1);
    expect(errnoOf(() => machine.mm.hotplug.unregisterGroup(group))).toBe('EBUSY');
    machine.remove(0, 1);
    expect(errnoOf(() => machine.mm.hotplug.unregisterGroup(group))).toBe('ok');
  });
});

describe('automatic onlining', () => {
  it('all adds first, then the onlines, the tier inside the first', () => {
    const machine = new TestMachine({ autoOnlineBlocks: 'online_movable' });
    machine.mm.tiers.initNodeMemoryType(2, ADISTANCE_KMEM);
    machine.add(0, 2);
    expect(machine.take()).toEqual([
      'add node2',
      'add memory50',
      'add memory51',
      'add memory_tier22',
      'online memory50',
      'online memory51',
    ]);
    expect(machine.zones(1)).toBe('Movable');
  });

  it('a block that cannot be onlined ends it, and is no error', () => {
    const machine = new TestMachine({ autoOnlineBlocks: 'online_movable' });
    machine.mm.hotplug.context.poison.add(FIRST + 1, 0);
    machine.add(0, 3);
    expect([0, 1, 2].map((block) => machine.state(block))).toEqual([
      'online',
      'offline',
      'offline',
    ]);
  });

  it('the type of the call replaces the default, offline included', () => {
    const machine = new TestMachine({ autoOnlineBlocks: 'online' });
    machine.add(0, 1, { onlineType: 'offline' });
    machine.add(1, 1, { onlineType: 'online_movable' });
    machine.add(4, 1);
    expect([machine.state(0), machine.zones(1), machine.zones(4)]).toEqual([
      'offline',
      'Movable',
      'Normal',
    ]);
  });
});

describe('removing memory', () => {
  it('EBUSY while a block is online, nothing changed', () => {
    const machine = new TestMachine();
    machine.add(0, 3);
    machine.state(1, 'online_movable');
    machine.take();
    expect(errnoOf(() => machine.remove(0, 3))).toBe('EBUSY');
    expect(machine.take()).toEqual([]);
    expect(machine.state(0)).toBe('offline');
  });

  it('takes blocks, entry and node away', () => {
    const machine = new TestMachine();
    const before = machine.read('/proc/meminfo');
    machine.add(0, 2);
    const held = `${MEMORY}/memory${FIRST}`;
    expect(machine.read('/proc/meminfo')).not.toBe(before);
    machine.remove(0, 2);
    expect(machine.take().slice(3)).toEqual(['remove memory50', 'remove memory51', 'remove node2']);
    expect(machine.exists(held)).toBe(false);
    expect(machine.exists(`${NODE}/node2`)).toBe(false);
    expect(machine.read('/proc/meminfo')).toBe(before);
    expect(machine.mm.iomem.find('System RAM (kmem)')).toBeUndefined();
  });
});

describe('memmap on memory', () => {
  it.each([
    [128, 'Y', 512],
    [256, 'Y', 1024],
    [512, 'force', 2048],
    [1024, 'Y', 4096],
    [2048, 'force', 8192],
    [128, 'N', undefined],
  ] as const)('%i MiB blocks, parameter %s: %s pages', (mebibytes, mode, pages) => {
    expect(hostedMemmapPages(mebibytes * 1024 * 1024, mode)).toBe(pages);
  });

  it.each([
    ['Y', true, { spanned: 262144, present: 262144, managed: 258048 }, 1032192, 0],
    ['Y', false, { spanned: 262144, present: 262144, managed: 262144 }, 1048576, 4096],
    ['N', true, { spanned: 262144, present: 262144, managed: 262144 }, 1048576, 4096],
  ] as const)('parameter %s, hint %s', (memmapOnMemory, hint, zone, total, paid) => {
    const machine = new TestMachine({ memmapOnMemory });
    const { free } = machine.mm.nodes.node(0);
    machine.add(0, GIB_BLOCKS, { memmapOnMemory: hint, onlineType: 'online_movable' });
    expect(machine.zoneFigures(2, 'Movable')).toMatchObject(zone);
    expect(machine.read(`${NODE}/node2/meminfo`).split('\n')[0]).toBe(
      `Node 2 MemTotal:       ${String(total).padStart(8)} kB`,
    );
    expect(free - machine.mm.nodes.node(0).free).toBe(paid);
    expect(machine.read('/proc/vmstat')).toContain('nr_memmap_pages 4096\n');
  });

  it('the page structures are given back on removal', () => {
    const machine = new TestMachine();
    const { free } = machine.mm.nodes.node(0);
    machine.add(0, 4);
    machine.remove(0, 4);
    expect(machine.mm.nodes.node(0).free).toBe(free);
  });

  it('kernel memory of the new node itself pays first', () => {
    const machine = new TestMachine();
    machine.add(0, 4, { onlineType: 'online_kernel' });
    const { free } = machine.zoneFigures(2, 'Normal');
    machine.add(4, 4);
    expect(free - machine.zoneFigures(2, 'Normal').free).toBe(4 * 512);
  });
});

describe('nodeOf', () => {
  it.each([
    ['boot memory of node 1', 4 * 2 ** 30, 1],
    ['the window', WINDOW, 2],
    ['the last byte of the window', WINDOW + 4 * 2 ** 30 - 1, 2],
    ['nowhere: the first affinity entry', 2 ** 45, 0],
  ])('%s', (_, address, nid) => {
    expect(new TestMachine().mm.hotplug.nodeOf(address)).toBe(nid);
  });

  it('the reserved list wins over the affinity', () => {
    const machine = new TestMachine({ windowNodes: [{ start: 0, size: BLOCK, nid: 3 }] });
    expect(machine.mm.hotplug.nodeOf(4096)).toBe(3);
  });
});

it('knows what of a range is online, and in which kind of zone', () => {
  const machine = new TestMachine();
  machine.add(0, 4);
  const { hotplug } = machine.mm;
  const range = [WINDOW, 4 * BLOCK] as const;
  expect([hotplug.hasOnlineMemory(...range), hotplug.hasOnlineKernelMemory(...range)]).toEqual([
    false,
    false,
  ]);
  machine.state(3, 'online_movable');
  expect([hotplug.hasOnlineMemory(...range), hotplug.hasOnlineKernelMemory(...range)]).toEqual([
    true,
    false,
  ]);
  machine.state(0, 'online_kernel');
  expect([hotplug.hasOnlineMemory(...range), hotplug.hasOnlineKernelMemory(...range)]).toEqual([
    true,
    true,
  ]);
});
