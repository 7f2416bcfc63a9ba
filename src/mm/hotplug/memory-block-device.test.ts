import { describe, expect, it } from 'vitest';
import { BLOCK, FIRST, GIB, MEMORY, NODE, TestMachine } from '../../../test/mm/machine.ts';

function machineWith(blocks: number): TestMachine {
  const machine = new TestMachine();
  machine.add(0, blocks);
  machine.take();
  return machine;
}

describe('state', () => {
  it.each(
    ['', ' online', 'Online', 'going-offline', '1', 'online x', 'onlin', '\n'].filter(
      (text) => text !== '',
    ),
  )('EINVAL for %j', (text) => {
    const machine = machineWith(1);
    expect(machine.state(0, text)).toBe('EINVAL');
    expect(machine.take()).toEqual([]);
  });

  it.each(['online_movable', 'online_movable\n', 'online_movable\0'])('takes %j', (text) => {
    const machine = machineWith(1);
    expect(machine.state(0, text)).toBe('ok');
    expect([machine.state(0), machine.zones(0)]).toEqual(['online', 'Movable']);
  });

  it('EINVAL when it is in that state already, and the type stays latched', () => {
    const machine = machineWith(1);
    machine.state(0, 'online_kernel');
    expect(machine.state(0, 'online_movable')).toBe('EINVAL');
    expect(machine.state(0, 'offline')).toBe('ok');
    expect(machine.state(0, 'offline')).toBe('EINVAL');
    expect(machine.write(`${MEMORY}/memory${FIRST}/online`, '1')).toBe('ok');
    expect(machine.zones(0)).toBe('Movable');
    machine.state(0, 'offline');
    machine.write(`${MEMORY}/memory${FIRST}/online`, '1');
    expect(machine.zones(0)).toBe('Normal');
  });

  it('unmovable memory: EBUSY, no event, still online', () => {
    const machine = machineWith(1);
    machine.state(0, 'online_kernel');
    machine.take();
    machine.mm.hotplug.setUnmovable(FIRST, true);
    expect(machine.state(0, 'offline')).toBe('EBUSY');
    expect([machine.state(0), machine.take()]).toEqual(['online', []]);
    machine.mm.hotplug.setUnmovable(FIRST, false);
    expect(machine.state(0, 'offline')).toBe('ok');
  });

  it.each([
    [0, 'EINVAL', 'spans zones'],
    [15, 'EINVAL', 'has a hole'],
    [32, 'EBUSY', 'holds the kernel'],
    [33, 'ok', 'an ordinary one'],
  ])('boot block %i: %s, it %s', (id, errno) => {
    expect(new TestMachine().write(`${MEMORY}/memory${id}/state`, 'offline')).toBe(errno);
  });
});

describe('online', () => {
  it.each([
    ['1', 'ok', '1'],
    ['y', 'ok', '1'],
    ['0', 'ok', '0'],
    ['2', 'EINVAL', '0'],
    ['\n', 'EINVAL', '0'],
  ])('%j: %s', (text, errno, after) => {
    const machine = machineWith(1);
    const path = `${MEMORY}/memory${FIRST}/online`;
    expect(machine.write(path, text)).toBe(errno);
    expect(machine.read(path)).toBe(`${after}\n`);
  });

  it('the state it has already is success without an event', () => {
    const machine = machineWith(1);
    machine.state(0, 'online');
    machine.take();
    expect(machine.write(`${MEMORY}/memory${FIRST}/online`, '1')).toBe('ok');
    expect(machine.take()).toEqual([]);
  });
});

describe('valid_zones', () => {
  it.each([
    [0, 'none'],
    [1, 'DMA32'],
    [33, 'Normal'],
  ])('boot block %i: %s', (id, zones) => {
    expect(new TestMachine().read(`${MEMORY}/memory${id}/valid_zones`)).toBe(`${zones}\n`);
  });

  it('a block between two Movable ones goes Movable by itself, one after the last does not', () => {
    const machine = machineWith(6);
    for (const block of [1, 3]) machine.state(block, 'online_movable');
    expect([0, 1, 2, 4].map((block) => machine.zones(block))).toEqual([
      'Normal Movable',
      'Movable',
      'Movable Normal',
      'Normal Movable',
    ]);
  });

  it('in both spans or in none: kernel, or Movable with movable_node', () => {
    for (const [movableNode, zones] of [
      [false, 'Normal Movable'],
      [true, 'Movable Normal'],
    ] as const) {
      const machine = new TestMachine({ movableNode });
      machine.add(0, 6);
      expect(machine.zones(2)).toBe(zones);
      for (const block of [1, 4]) machine.state(block, 'online_movable');
      for (const block of [0, 5]) machine.state(block, 'online_kernel');
      expect(machine.zones(2)).toBe(zones);
    }
  });
});

it('a removed block is dead for a holder of its directory', () => {
  const machine = machineWith(1);
  const before = machine.names(`${MEMORY}`).length;
  const directory = machine.kernel.directory(`devices/system/memory`).lookup(`memory${FIRST}`);
  machine.remove(0, 1);
  expect(directory?.active).toBe(false);
  expect(machine.names(`${MEMORY}`).length).toBe(before - 1);
});

it.each(['memory01', 'memory', 'memory-1', 'memory99999999999', 'memory49'])(
  '%s does not exist',
  (name) => {
    expect(machineWith(1).exists(`${MEMORY}/${name}`)).toBe(false);
  },
);

it('a synthetic event names the block', () => {
  const machine = machineWith(1);
  expect(machine.write(`${MEMORY}/memory${FIRST}/uevent`, 'change')).toBe('ok');
  expect(machine.write(`${MEMORY}/memory${FIRST}/uevent`, 'garbage')).toBe('EINVAL');
  expect(machine.take()).toEqual([`change memory${FIRST}`]);
});

it('a boot block on two nodes has both links, and no zone', () => {
  const half = BLOCK / 2;
  const machine = new TestMachine({
    nodes: [
      { id: 0, cpus: [0], memory: [{ start: 4 * GIB, size: 2 * BLOCK + half }] },
      { id: 1, cpus: [1], memory: [{ start: 4 * GIB + 2 * BLOCK + half, size: 2 * BLOCK + half }] },
    ],
    systemRam: [{ start: 4 * GIB, size: 5 * BLOCK }],
  });
  const path = `${MEMORY}/memory34`;
  expect(
    machine
      .names(path)
      .filter((name) => name.startsWith('node'))
      .sort(),
  ).toEqual(['node0', 'node1']);
  expect(machine.read(`${path}/valid_zones`)).toBe('none\n');
  expect(machine.names(`${NODE}/node1`)).toContain('memory34');
  expect(machine.write(`${path}/state`, 'offline')).toBe('EINVAL');
});

describe('page offlining', () => {
  const soft = `${MEMORY}/soft_offline_page`;
  const hard = `${MEMORY}/hard_offline_page`;

  it.each([
    [soft, 'garbage', 'EINVAL'],
    [soft, '99999999999999999999999', 'EINVAL'],
    [soft, '0x290000000', 'ENXIO'],
    [soft, '0x190000000', 'EIO'],
    [soft, '0x198000000', 'ok'],
    [soft, '0x100000000', 'EBUSY'],
    [hard, 'garbage', 'EINVAL'],
    [hard, '0xffffffffff000', 'EBUSY'],
    [hard, '0x190000000', 'ENXIO'],
    [hard, '0x198001000', 'ok'],
  ])('%s %s: %s', (path, text, errno) => {
    const machine = machineWith(2);
    machine.state(1, 'online_movable');
    expect(machine.write(path, text)).toBe(errno);
  });

  it('poisoned pages count, survive offlining, and keep the block from coming back', () => {
    const machine = machineWith(1);
    machine.state(0, 'online_movable');
    expect(machine.write(hard, '0x190000000')).toBe('ok');
    expect(machine.write(hard, '0x190000000')).toBe('EHWPOISON');
    expect(machine.write(soft, '0x190000000')).toBe('ok');
    expect(machine.read(`${NODE}/node2/memory_failure/recovered`)).toBe('1\n');
    expect(machine.read('/proc/meminfo')).toContain('HardwareCorrupted:     4 kB\n');
    expect(machine.state(0, 'offline')).toBe('ok');
    expect(machine.state(0, 'online')).toBe('EHWPOISON');
    machine.remove(0, 1);
    machine.add(0, 1);
    expect(machine.state(0, 'online')).toBe('ok');
  });
});
