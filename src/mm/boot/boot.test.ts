import { describe, expect, it } from 'vitest';
import { DIRECT2, MEMORY, NODE, TestMachine } from '../../../test/mm/machine.ts';
import { watermarks } from '../zone/watermark.ts';

const PARAMETERS = '/sys/module/memory_hotplug/parameters';

describe('the booted tree', () => {
  it.each([
    [`${MEMORY}/block_size_bytes`, '8000000\n'],
    [`${MEMORY}/auto_online_blocks`, 'offline\n'],
    [`${MEMORY}/crash_hotplug`, '0\n'],
    [`${MEMORY}/memory15/phys_index`, '0000000f\n'],
    [`${MEMORY}/memory33/node1/cpumap`, '2\n'],
    [`${NODE}/possible`, '0-3\n'],
    [`${NODE}/online`, '0-1\n'],
    [`${NODE}/has_generic_initiator`, '\n'],
    [`${NODE}/node0/distance`, '10 20\n'],
    [`${PARAMETERS}/memmap_on_memory`, 'N\n'],
    [`${PARAMETERS}/online_policy`, 'contig-zones\n'],
    [`${PARAMETERS}/auto_movable_ratio`, '301\n'],
    [`${PARAMETERS}/auto_movable_numa_aware`, 'Y\n'],
    ['/sys/devices/virtual/memory_tiering/memory_tier4/nodelist', '0-1\n'],
    ['/sys/kernel/mm/mempolicy/weighted_interleave/auto', 'true\n'],
    ['/sys/kernel/mm/numa/demotion_enabled', 'false\n'],
    [
      '/proc/iomem',
      `${['00001000-0009fbff', '00100000-7ffdffff', '100000000-17fffffff'].map((range) => `${range} : System RAM\n`).join('')}190000000-28fffffff : CXL Window 0\n`,
    ],
  ])('%s', (path, text) => {
    expect(new TestMachine().read(path)).toBe(text);
  });

  it('has a block where RAM is, and the links of each', () => {
    const machine = new TestMachine();
    const blocks = machine.names(MEMORY).filter((name) => /^memory\d/.test(name));
    expect(blocks).toHaveLength(32);
    expect(machine.names('/sys/bus/memory/devices').sort()).toEqual(blocks.sort());
    expect(machine.names(`${NODE}/node1`).filter((name) => name.startsWith('memory')).length).toBe(
      17,
    );
    expect(machine.names(`${MEMORY}/memory0`).sort()).toEqual([
      'node0',
      'online',
      'phys_device',
      'phys_index',
      'removable',
      'state',
      'subsystem',
      'uevent',
      'valid_zones',
    ]);
  });
});

describe('parameters', () => {
  it.each([
    [`${MEMORY}/auto_online_blocks`, 'online_movable\n', 'ok'],
    [`${MEMORY}/auto_online_blocks`, 'online_', 'EINVAL'],
    [`${MEMORY}/auto_online_blocks`, ' offline', 'EINVAL'],
    [`${MEMORY}/auto_online_blocks`, '1', 'EINVAL'],
    [`${PARAMETERS}/memmap_on_memory`, 'Y', 'EACCES'],
    [`${PARAMETERS}/online_policy`, 'auto-movable', 'ok'],
    [`${PARAMETERS}/online_policy`, 'Y', 'EINVAL'],
    [`${PARAMETERS}/auto_movable_ratio`, '0', 'ok'],
    [`${PARAMETERS}/auto_movable_ratio`, '-5', 'EINVAL'],
    [`${PARAMETERS}/auto_movable_ratio`, '99999999999', 'ERANGE'],
    [`${PARAMETERS}/auto_movable_numa_aware`, 'Y', 'ok'],
    [`${PARAMETERS}/auto_movable_numa_aware`, '2', 'EINVAL'],
    [`${MEMORY}/uevent`, 'add', 'ok'],
    [`${MEMORY}/uevent`, 'x', 'EINVAL'],
  ])('%s %j: %s', (path, text, errno) => {
    const machine = new TestMachine();
    const before = machine.read(path);
    expect(machine.write(path, text)).toBe(errno);
    expect(machine.take()).toEqual([]);
    if (errno !== 'ok') expect(machine.read(path)).toBe(before);
  });
});

describe('zones', () => {
  it('are derived from the ranges where the description has no figures', () => {
    const nodes = DIRECT2.nodes.map(({ id, cpus, memory }) => ({ id, cpus, memory }));
    const machine = new TestMachine({ nodes });
    expect(machine.zoneFigures(0, 'DMA')).toMatchObject({
      startPfn: 1,
      spanned: 4095,
      present: 3998,
    });
    expect(machine.zoneFigures(0, 'DMA32')).toMatchObject({
      startPfn: 4096,
      spanned: 520160,
      present: 520160,
    });
    expect(machine.zoneFigures(1, 'Normal')).toMatchObject({
      startPfn: 1048576,
      spanned: 524288,
      managed: 516096,
    });
  });

  it('keep a little in use, the same on every boot', () => {
    const [first, second] = [new TestMachine(), new TestMachine()];
    const { managed, free } = first.zoneFigures(1, 'Normal');
    expect(managed - free).toBe(14811);
    expect(second.zoneFigures(1, 'Normal').free).toBe(free);
  });
});

describe('fallback lists', () => {
  it('are announced at each change, nearest first, nodes with processors later', () => {
    const machine = new TestMachine();
    const logged = (): string[] => machine.kernel.log.lines().map((line) => line.text);
    let seen = logged().length;
    machine.add(0, 1);
    expect(logged().slice(seen)).toEqual([
      'Fallback order for Node 2: 0 1 ',
      'Built 2 zonelists, mobility grouping on.  Total pages: 957033',
      'Policy zone: Normal',
    ]);
    seen = logged().length;
    machine.state(0, 'online_movable');
    expect(logged().slice(seen, seen + 4)).toEqual([
      'Fallback order for Node 0: 0 2 1 ',
      'Fallback order for Node 1: 1 2 0 ',
      'Fallback order for Node 2: 2 0 1 ',
      expect.stringMatching(/^Built 3 zonelists/),
    ]);
  });
});

it('watermarks: a Movable zone has small ones, and does not count as low memory', () => {
  const machine = new TestMachine();
  const before = watermarks(machine.mm.nodes.online()).get(machine.mm.nodes.node(1).zone(2));
  machine.add(0, 8, { onlineType: 'online_movable' });
  const after = watermarks(machine.mm.nodes.online());
  expect(after.get(machine.mm.nodes.node(1).zone(2))).toEqual(before);
  expect(after.get(machine.mm.nodes.node(2).zone(3))?.min).toBe(128);
});

it('memory-side caches are shown where the firmware describes them', () => {
  const cache = { nid: 1, level: 1, size: 65536, lineSize: 64, indexing: 1, writePolicy: 0 };
  const machine = new TestMachine({ memorySideCaches: [cache] });
  const path = `${NODE}/node1/memory_side_cache/index1`;
  expect(
    ['size', 'line_size', 'address_mode'].map((name) => machine.read(`${path}/${name}`)),
  ).toEqual(['65536\n', '64\n', '0x0\n']);
});
