import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK, DaxMachine, GIB, MIB, WINDOW_START } from '../../test/dax/dax-machine.ts';

const KMEM = '/sys/bus/dax/drivers/kmem';

/** Ranges as [offset from the window's start, length]; nothing is bound yet. */
function scene(ranges: readonly (readonly [number, number])[], targetNode = 2): DaxMachine {
  const machine = new DaxMachine();
  machine.write('/sys/bus/dax/drivers_autoprobe', '0');
  const { region } = machine.produce({ size: 4 * GIB, targetNode }, 0);
  for (const [offset, length] of ranges) region.devices[0]?.map(WINDOW_START + offset, length);
  return machine;
}

function blocksFrom(machine: DaxMachine): number[] {
  return [...machine.hotplug.blocks.keys()].map((at) => (at - WINDOW_START) / BLOCK);
}

describe('kmem probe', () => {
  it('adds the whole blocks of each range below dax0.0, driver-managed, in one group of its node', () => {
    const machine = scene([
      [0, GIB],
      [GIB + 64 * MIB, GIB],
    ]);
    expect(machine.attempt(`${KMEM}/bind`, 'dax0.0')).toBe('ok');
    expect(machine.iomemLines()).toEqual([
      '400000000-43fffffff : dax0.0',
      '400000000-43fffffff : System RAM (kmem)',
      '448000000-47fffffff : dax0.0',
      '448000000-47fffffff : System RAM (kmem)',
    ]);
    expect([...machine.hotplug.groups].map(({ nid, maxPages }) => [nid, maxPages])).toEqual([
      [2, (15 * BLOCK) / 4096],
    ]);
    expect(machine.hotplug.added.map(({ name, memmapOnMemory }) => [name, memmapOnMemory])).toEqual(
      [
        ['System RAM (kmem)', true],
        ['System RAM (kmem)', true],
      ],
    );
    expect(machine.tiers.users.get(2)).toBe(1);
  });

  it('says what is lost to alignment, and keeps the size', () => {
    const machine = scene([[0, 160 * MIB]]);
    const lines = machine.logged(() => machine.write(`${KMEM}/bind`, 'dax0.0'));
    expect(lines).toContain('kmem dax0.0: 32.0 MiB outside whole memory blocks stay unused');
    expect(machine.dax.deviceByNode('dax0.0')?.size).toBe(160 * MIB);
    expect(blocksFrom(machine)).toEqual([0]);
  });

  it('the memory comes up as the device says, or else as the system does', () => {
    const types = (['offline', undefined] as const).map((onlineType) => {
      const machine = new DaxMachine();
      machine.hotplug.defaultOnlineType = 'online';
      machine.produce({ onlineType });
      return machine.hotplug.blocks.get(WINDOW_START);
    });
    expect(types).toEqual(['offline', 'online']);
  });

  type Spoil = (machine: DaxMachine) => void;
  const REFUSALS: readonly [
    string,
    readonly (readonly [number, number])[],
    number,
    Spoil,
    string,
  ][] = [
    ['no target node', [[0, GIB]], -1, () => {}, 'EINVAL'],
    ['no whole block', [[0, 2 * MIB]], 2, () => {}, 'EINVAL'],
    ['blocks cut on both sides', [[64 * MIB, 128 * MIB]], 2, () => {}, 'EINVAL'],
    ['impossible node', [[0, GIB]], 9, () => {}, 'EINVAL'],
    [
      'first range taken',
      [
        [0, GIB],
        [GIB, GIB],
      ],
      2,
      ({ iomem }) => iomem.request(WINDOW_START, MIB, 'other'),
      'EBUSY',
    ],
    [
      'first range not addable',
      [
        [0, GIB],
        [GIB, GIB],
      ],
      2,
      ({ hotplug }) => hotplug.refused.add(WINDOW_START),
      'EEXIST',
    ],
  ];

  it.each(REFUSALS)('refuses: %s', (_, ranges, targetNode, spoil, errno) => {
    const machine = scene(ranges, targetNode);
    spoil(machine);
    const before = machine.iomemLines();
    expect(machine.attempt(`${KMEM}/bind`, 'dax0.0')).toBe(errno);
    expect(machine.iomemLines()).toEqual(before);
    expect(machine.hotplug.groups.size).toBe(0);
    expect(machine.tiers.users.get(targetNode) ?? 0).toBe(0);
    expect(machine.attempt(`${KMEM}/unbind`, 'dax0.0')).toBe('ENODEV');
  });

  it('skips a later range that fails', () => {
    const machine = scene([
      [0, 128 * MIB],
      [GIB, 128 * MIB],
      [2 * GIB, 128 * MIB],
    ]);
    machine.hotplug.refused.add(WINDOW_START + GIB);
    const lines = machine.logged(() =>
      expect(machine.attempt(`${KMEM}/bind`, 'dax0.0')).toBe('ok'),
    );
    expect(lines).toContain('kmem dax0.0: mapping1: 0x440000000-0x447ffffff could not be added');
    expect(blocksFrom(machine)).toEqual([0, 16]);
    machine.write(`${KMEM}/unbind`, 'dax0.0');
    expect([machine.iomemLines(), machine.hotplug.groups.size]).toEqual([[], 0]);
  });
});

describe('kmem remove', () => {
  it('takes everything away where all blocks are offline', () => {
    const machine = scene([[0, GIB]]);
    machine.write(`${KMEM}/bind`, 'dax0.0');
    expect(machine.attempt(`${KMEM}/unbind`, 'dax0.0')).toBe('ok');
    expect([machine.iomemLines(), blocksFrom(machine)]).toEqual([[], []]);
    expect([machine.hotplug.groups.size, machine.tiers.users.get(2)]).toEqual([0, 0]);
    expect(machine.attempt(`${KMEM}/bind`, 'dax0.0')).toBe('ok');
  });

  it('leaves a range with an online block behind for good, and says so; the unbind succeeds', () => {
    const machine = scene([[0, GIB]]);
    machine.write(`${KMEM}/bind`, 'dax0.0');
    machine.hotplug.blocks.set(WINDOW_START + BLOCK, 'online_movable');
    const lines = machine.logged(() =>
      expect(machine.attempt(`${KMEM}/unbind`, 'dax0.0')).toBe('ok'),
    );
    expect(lines.join()).toContain(
      'mapping0: 0x400000000-0x43fffffff is in use and stays until the next reboot',
    );
    expect(machine.iomemLines()).toHaveLength(2);
    expect([
      blocksFrom(machine).length,
      machine.hotplug.groups.size,
      machine.tiers.users.get(2),
    ]).toEqual([8, 1, 1]);
    machine.hotplug.blocks.set(WINDOW_START + BLOCK, 'offline');
    expect(machine.attempt(`${KMEM}/bind`, 'dax0.0')).toBe('EBUSY');
    expect(machine.attempt('/sys/devices/dax_region0/dax0.0/size', '0x8000000')).toBe('ok');
    machine.write('/sys/bus/dax/drivers/device_dax/new_id', 'dax0.0');
    expect(machine.dax.deviceByNode('dax0.0')?.driverName).toBeUndefined();
  });

  it('a later range left behind: the first one can be added again, the later one is skipped', () => {
    const machine = scene([
      [0, 128 * MIB],
      [GIB, 128 * MIB],
    ]);
    machine.write(`${KMEM}/bind`, 'dax0.0');
    machine.hotplug.blocks.set(WINDOW_START + GIB, 'online');
    machine.write(`${KMEM}/unbind`, 'dax0.0');
    expect(blocksFrom(machine)).toEqual([8]);
    expect(machine.attempt(`${KMEM}/bind`, 'dax0.0')).toBe('ok');
    expect(blocksFrom(machine)).toEqual([8, 0]);
  });

  it('a range too small to be added keeps the group, as in the kernel', () => {
    const machine = scene([
      [0, 128 * MIB],
      [GIB, 2 * MIB],
    ]);
    machine.write(`${KMEM}/bind`, 'dax0.0');
    machine.write(`${KMEM}/unbind`, 'dax0.0');
    expect([machine.iomemLines(), machine.hotplug.groups.size]).toEqual([[], 1]);
  });

  it('the end of the region cannot be refused: what is online stays in /proc/iomem', () => {
    const machine = new DaxMachine();
    machine.hotplug.defaultOnlineType = 'online_movable';
    machine.produce();
    expect(machine.attempt(`${machine.producerPath}/unbind`, 'dax_region0')).toBe('ok');
    expect(machine.iomemLines()).toEqual([
      '400000000-43fffffff : dax0.0',
      '400000000-43fffffff : System RAM (kmem)',
    ]);
    machine.write(`${machine.producerPath}/bind`, 'dax_region0');
    expect(machine.dax.deviceByNode('dax0.0')?.driverName).toBeUndefined();
  });

  it('of each range all blocks go or none', () => {
    const anyBlocks = fc.array(fc.integer({ min: 0, max: 23 }), { maxLength: 6 });
    fc.assert(
      fc.property(anyBlocks, (online) => {
        const machine = scene([
          [0, GIB],
          [GIB, GIB],
          [2 * GIB, GIB],
        ]);
        machine.write(`${KMEM}/bind`, 'dax0.0');
        for (const block of online)
          machine.hotplug.blocks.set(WINDOW_START + block * BLOCK, 'online');
        machine.write(`${KMEM}/unbind`, 'dax0.0');
        const kept = new Set(online.map((block) => Math.floor(block / 8)));
        expect(blocksFrom(machine).length).toBe(kept.size * 8);
        expect(machine.iomemLines().length).toBe(kept.size * 2);
        expect(machine.hotplug.groups.size).toBe(kept.size > 0 ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });
});
