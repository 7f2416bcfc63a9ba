import { describe, expect, it } from 'vitest';
import { HMAT, NODE, TestMachine } from '../../../test/mm/machine.ts';
import { ADISTANCE_DRAM, ADISTANCE_KMEM } from './memory-tier.ts';

const TIERS = '/sys/devices/virtual/memory_tiering';
const WEIGHTS = '/sys/kernel/mm/mempolicy/weighted_interleave';
const SLOW = { readLatency: 200, writeLatency: 300, readBandwidth: 16000, writeBandwidth: 16000 };

function online(machine: TestMachine): void {
  machine.add(0, 1, { onlineType: 'online_movable' });
}

function offline(machine: TestMachine): void {
  machine.state(0, 'offline');
  machine.remove(0, 1);
}

describe('tiers', () => {
  it('kmem memory is in tier 22, its directory lives as long as the memory', () => {
    const machine = new TestMachine();
    machine.mm.tiers.initNodeMemoryType(2, machine.mm.tiers.calculateDistance(2, ADISTANCE_KMEM));
    online(machine);
    expect(machine.read(`${TIERS}/memory_tier22/nodelist`)).toBe('2\n');
    expect(machine.read(`${TIERS}/memory_tier4/nodelist`)).toBe('0-1\n');
    machine.take();
    machine.state(0, 'offline');
    expect(machine.take()).toEqual(['remove memory_tier22', 'offline memory50']);
    expect(machine.exists(`${TIERS}/memory_tier22`)).toBe(false);
  });

  it('the type of a node that once had memory stays', () => {
    const machine = new TestMachine();
    const { tiers } = machine.mm;
    tiers.initNodeMemoryType(2, ADISTANCE_KMEM);
    online(machine);
    offline(machine);
    tiers.clearNodeMemoryType(2, ADISTANCE_KMEM);
    tiers.initNodeMemoryType(2, 10000);
    online(machine);
    expect(machine.read(`${TIERS}/memory_tier22/nodelist`)).toBe('2\n');
  });

  it('the type of a node that never had memory goes with its user', () => {
    const machine = new TestMachine();
    const { tiers } = machine.mm;
    tiers.initNodeMemoryType(3, ADISTANCE_KMEM);
    tiers.clearNodeMemoryType(3, ADISTANCE_KMEM);
    tiers.initNodeMemoryType(3, 640);
    tiers.addNode(3);
    expect(machine.read(`${TIERS}/memory_tier5/nodelist`)).toBe('3\n');
  });

  it('the first registered algorithm with a result wins', () => {
    const { tiers } = new TestMachine().mm;
    expect(tiers.calculateDistance(2, ADISTANCE_KMEM)).toBe(ADISTANCE_KMEM);
    tiers.registerDistanceAlgorithm((nid) => (nid === 3 ? 1000 : undefined));
    const stop = tiers.registerDistanceAlgorithm(() => 2000);
    tiers.registerDistanceAlgorithm(() => 3000);
    expect([2, 3].map((nid) => tiers.calculateDistance(nid, 0))).toEqual([2000, 1000]);
    stop();
    expect(tiers.calculateDistance(2, 0)).toBe(3000);
  });

  it.each([
    [
      'like DRAM',
      { readLatency: 10, writeLatency: 10, readBandwidth: 102400, writeBandwidth: 102400 },
      ADISTANCE_DRAM,
    ],
    ['slow', SLOW, 92160],
    ['no latency', { ...SLOW, readLatency: 0, writeLatency: 0 }, undefined],
    ['no bandwidth', { ...SLOW, readBandwidth: 0, writeBandwidth: 0 }, undefined],
  ])('distance by performance: %s', (_, data, distance) => {
    expect(new TestMachine(HMAT).mm.tiers.distanceOfPerformance(data)).toBe(distance);
    expect(new TestMachine().mm.tiers.distanceOfPerformance(data)).toBeUndefined();
  });

  it('DRAM nodes that differ too much switch performance off', () => {
    const performance = (HMAT.performance ?? []).map((row) =>
      row.initiator === 1 && row.target === 1
        ? { ...row, coordinates: { ...row.coordinates, readLatency: 12 } }
        : row,
    );
    expect(
      new TestMachine({ ...HMAT, performance }).mm.tiers.distanceOfPerformance(SLOW),
    ).toBeUndefined();
  });

  it('the tables give the distance of the generic port', () => {
    expect(new TestMachine(HMAT).mm.tiers.calculateDistance(2, ADISTANCE_KMEM)).toBe(14400);
  });

  it('says where each node demotes to', () => {
    const machine = new TestMachine();
    machine.mm.tiers.initNodeMemoryType(2, ADISTANCE_KMEM);
    online(machine);
    const lines = machine.kernel.log.lines().map((line) => line.text);
    expect(lines).toContain('Demotion targets for Node 0: preferred: 2, fallback: 2');
    expect(lines.at(-1)).toBe('Demotion targets for Node 2: null');
  });

  it.each([
    ['1\n', 'ok', 'true'],
    ['true', 'ok', 'true'],
    ['0', 'ok', 'false'],
    ['2', 'EINVAL', 'false'],
  ])('demotion_enabled %j: %s', (text, errno, after) => {
    const machine = new TestMachine();
    expect(machine.write('/sys/kernel/mm/numa/demotion_enabled', text)).toBe(errno);
    expect(machine.read('/sys/kernel/mm/numa/demotion_enabled')).toBe(`${after}\n`);
  });
});

describe('access classes', () => {
  it('link best initiators and targets', () => {
    const machine = new TestMachine(HMAT);
    expect(machine.names(`${NODE}/node0/access0/initiators`).sort()).toEqual([
      'node0',
      'read_bandwidth',
      'read_latency',
      'write_bandwidth',
      'write_latency',
    ]);
    expect(machine.names(`${NODE}/node1/access1/targets`)).toEqual(['node1']);
    expect(machine.read(`${NODE}/node1/access1/initiators/read_bandwidth`)).toBe('102400\n');
  });

  it('of equal initiators all are linked; far ones are not', () => {
    const machine = new TestMachine({ ...HMAT, genericPortNodes: [] });
    online(machine);
    expect(machine.names(`${NODE}/node2/access0/initiators`)).toEqual(
      expect.arrayContaining(['node0', 'node1']),
    );
    expect(machine.names(`${NODE}/node0/access0/targets`).sort()).toEqual(['node0', 'node2']);
    const far = new TestMachine({ ...HMAT, localInitiators: [] });
    expect(far.exists(`${NODE}/node0/access0/initiators/node1`)).toBe(false);
  });

  it('are missing after the node went and came back', () => {
    const machine = new TestMachine({ ...HMAT, genericPortNodes: [] });
    online(machine);
    expect(machine.exists(`${NODE}/node2/access0`)).toBe(true);
    offline(machine);
    online(machine);
    expect(machine.exists(`${NODE}/node2/access0`)).toBe(false);
  });

  it('a region updates existing classes only', () => {
    const machine = new TestMachine(HMAT);
    machine.mm.access.updateAccess(0, 0, SLOW);
    machine.mm.access.updateAccess(2, 0, SLOW);
    expect(machine.read(`${NODE}/node0/access0/initiators/write_latency`)).toBe('300\n');
    expect(machine.mm.access.coordinates(2, 0)).toBeUndefined();
  });
});

describe('weighted interleave', () => {
  it('node files follow the memory, weights the bandwidth', () => {
    const machine = new TestMachine(HMAT);
    machine.mm.nodes.onFirstMemory((nid) => machine.mm.access.updateAccess(nid, 1, SLOW));
    expect(machine.read(`${WEIGHTS}/node0`)).toBe('1\n');
    online(machine);
    expect([0, 1, 2].map((nid) => machine.read(`${WEIGHTS}/node${nid}`))).toEqual([
      '7\n',
      '7\n',
      '1\n',
    ]);
    offline(machine);
    expect(machine.exists(`${WEIGHTS}/node2`)).toBe(false);
  });

  it.each([
    ['5', 'ok', '5', 'false'],
    ['\n', 'ok', '1', 'false'],
    ['0', 'EINVAL', '1', 'true'],
    ['256', 'EINVAL', '1', 'true'],
    ['x', 'EINVAL', '1', 'true'],
  ])('%j: %s', (text, errno, weight, automatic) => {
    const machine = new TestMachine(HMAT);
    expect(machine.write(`${WEIGHTS}/node0`, text)).toBe(errno);
    expect(machine.read(`${WEIGHTS}/node0`)).toBe(`${weight}\n`);
    expect(machine.read(`${WEIGHTS}/auto`)).toBe(`${automatic}\n`);
    expect(machine.write(`${WEIGHTS}/auto`, 'Y')).toBe('ok');
    expect(machine.read(`${WEIGHTS}/node0`)).toBe('1\n');
  });
});
