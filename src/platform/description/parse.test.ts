import { describe, expect, it } from 'vitest';
import { problems } from '../../../test/description-problems.ts';
import { exactSize, parseSize } from '../../units.ts';
import { withNames } from './names.ts';
import { parseMachine } from './parse.ts';
import { devicesOf } from './types.ts';

const ONE_DEVICE = `
host_bridges: [{root_ports: [{device: near}]}]
devices: {near: {ram: 1GiB}}
`;

describe('parseMachine', () => {
  it('gives an empty file one node with memory and no CXL', () => {
    const machine = parseMachine('', 'empty.yaml');
    expect(machine).toMatchObject({
      name: 'empty',
      abi: 'explicit-region-drivers-v1',
      windows: [],
      hostBridges: [],
    });
    expect(machine.boot).toMatchObject({
      autoOnlineBlocks: 'offline',
      memmapOnMemory: 'N',
      modules: 'builtin',
    });
    expect(machine.nodes).toEqual([
      { id: 0, cpus: [0], memory: [{ start: 0, size: 2 ** 31 }], zones: undefined },
    ]);
  });

  it('onlines hotplugged memory by default on mainline', () => {
    expect(parseMachine('abi: mainline-7.2', 'm.yaml').boot.autoOnlineBlocks).toBe('online');
  });

  it('places a window of the right size behind the memory, on a node of its own', () => {
    const [window] = parseMachine(ONE_DEVICE, 'm.yaml').windows;
    expect(window).toMatchObject({
      start: 2 ** 32 + 2 ** 28,
      size: 2 ** 30,
      ways: 1,
      targets: [12],
      node: 1,
    });
  });

  it('numbers PCI buses depth first, a switch in between', () => {
    const machine = parseMachine(
      `
host_bridges:
  - pci: "0000:0c"
    root_ports: [{switch: {ports: [{device: a}, {device: b}]}}, {device: c}]
devices: {a: {ram: 256MiB}, b: {ram: 256MiB}, c: {pmem: 256MiB}}
`,
      'm.yaml',
    );
    expect(devicesOf(machine).map(({ name, pci }) => `${name} ${pci}`)).toEqual([
      'a 0000:0f:00.0',
      'b 0000:10:00.0',
      'c 0000:11:00.0',
    ]);
    expect(machine.hostBridges[0]?.decoders).toBe(4);
  });

  it('fills distances from either side', () => {
    const { distances } = parseMachine(
      'nodes: [{id: 0, distances: {2: 31}}, {id: 2, distances: [12]}]',
      'm.yaml',
    );
    expect(distances).toEqual([
      [10, 20, 31],
      [20, 10, 20],
      [12, 20, 10],
    ]);
  });

  const REFUSALS: readonly (readonly [string, string, string])[] = [
    ['a syntax error', 'nodes: [', 'm.yaml:1:9: '],
    [
      'an unknown key',
      '\nabbi: x',
      "m.yaml:2:1: abbi: found an unknown key 'abbi', did you mean 'abi'?",
    ],
    [
      'a bad size',
      'memory_block_size: 4 Gb',
      'm.yaml:1:20: memory_block_size: found "4 Gb", expected a size',
    ],
    [
      'a bad block size',
      'memory_block_size: 100MiB',
      'm.yaml:1:20: memory_block_size: found 100MiB, expected a power of two',
    ],
    [
      'a wrong kind of value',
      'host_bridges: 3',
      'm.yaml:1:15: host_bridges: found 3, expected a list',
    ],
    [
      'a missing value',
      'windows: [{}]',
      'm.yaml:1:11: windows[0].targets: found nothing, expected a list',
    ],
    [
      'a key inside a choice',
      'devices: {a: {ram: 256MiB, performance: {read_latencyy: 1}}}\nhost_bridges: [{root_ports: [{device: a}]}]',
      "m.yaml:1:42: devices.a.performance.read_latencyy: found an unknown key 'read_latencyy', did you mean 'read_latency'?",
    ],
    [
      'two nodes of one id',
      'nodes: [{id: 1}, {id: 1}]',
      'm.yaml:1:23: nodes[1].id: found 1 a second time',
    ],
    [
      'a CPU on two nodes',
      'nodes: [{cpus: "0-1"}, {cpus: 1}]',
      'm.yaml:1:31: nodes[1].cpus: found CPU 1, expected',
    ],
    [
      'overlapping memory',
      'nodes: [{memory: [{base: 0, size: 2GiB}, {base: 1GiB, size: 2GiB}]}]',
      'm.yaml:1:42: nodes[0].memory[1]: found memory of node 0 at 0x40000000-0xbfffffff, expected it not to overlap',
    ],
    [
      'a window on nothing',
      'windows: [{base: 5GiB, size: 256MiB, targets: [3]}]',
      'm.yaml:1:48: windows[0].targets[0]: found 3, expected the uid',
    ],
    [
      'an unaligned window',
      `${ONE_DEVICE}windows: [{base: 0x148000000, size: 1GiB, targets: [12]}]`,
      'm.yaml:4:18: windows[0].base: found 0x148000000, expected a multiple of 256MiB',
    ],
    [
      'a device under no port',
      'devices: {a: {ram: 256MiB}}',
      'm.yaml:1:11: devices.a: found a device that no port names',
    ],
    [
      'a port with an unknown device',
      'host_bridges: [{root_ports: [{device: x}]}]',
      "m.yaml:1:39: host_bridges[0].root_ports[0].device: found 'x'",
    ],
    [
      'a device without capacity',
      'devices: {a: {serial: 1}}\nhost_bridges: [{root_ports: [{device: a}]}]',
      'm.yaml:1:14: devices.a: found no capacity',
    ],
    [
      'a shared name that leads elsewhere',
      'devices: {a: {ram: 256MiB, shared: ../pool}}\nhost_bridges: [{root_ports: [{device: a}]}]',
      'm.yaml:1:36: devices.a.shared: found "../pool", expected a name of letters, digits',
    ],
    [
      'a shared name that is a device of the box',
      'devices: {a: {ram: 256MiB, shared: mem12}}\nhost_bridges: [{root_ports: [{device: a}]}]',
      `m.yaml:1:36: devices.a.shared: found "mem12", expected a name of letters, digits, '-', '_' and '.', a letter or digit first, 64 at most, and not memN`,
    ],
    [
      'one shared device plugged in twice',
      'devices: {a: {ram: 256MiB, shared: pool}, b: {ram: 256MiB, shared: pool}}\nhost_bridges: [{root_ports: [{device: a}, {device: b}]}]',
      'm.yaml:1:68: devices.b.shared: found pool a second time',
    ],
    ['a host without a name', 'host: .x', 'm.yaml:1:7: host: found ".x", expected a name'],
    [
      'a region on nothing',
      `${ONE_DEVICE}regions: [{devices: [nea]}]`,
      "m.yaml:4:22: regions[0].devices[0]: found 'nea', which is not a device, did you mean 'near'?",
    ],
    [
      'a region in no window',
      `${ONE_DEVICE}regions: [{window: 1, devices: [near]}]`,
      'm.yaml:4:20: regions[0].window: found 1, expected a window from 0 to 0',
    ],
    [
      'a region too large',
      `${ONE_DEVICE}regions: [{devices: [near], size: 2GiB}]`,
      "m.yaml:4:35: regions[0].size: found 2GiB of device 'near', expected at most the 1GiB",
    ],
  ];
  it.each(REFUSALS)('refuses %s', (_, text, start) => {
    const found = problems(text);
    expect(
      found.some((each) => each.startsWith(start)),
      found.join('\n'),
    ).toBe(true);
  });

  it('reports all problems in order of place', () => {
    expect(problems('abi: x\nmemory_block_size: y').map((each) => each.slice(0, 9))).toEqual([
      'm.yaml:1:',
      'm.yaml:2:',
    ]);
  });
});

describe('withNames', () => {
  it('gives the devices the names of a recording by PCI address', () => {
    const machine = withNames(parseMachine(ONE_DEVICE, 'm.yaml'), {
      mem3: { pci: '0000:0d:00.0', endpoint: 'endpoint7' },
    });
    expect(devicesOf(machine)).toMatchObject([{ name: 'near', mem: 3, endpoint: 7 }]);
  });

  it('leaves devices alone that are not mentioned', () => {
    const machine = withNames(parseMachine(ONE_DEVICE, 'm.yaml'), {
      mem3: { pci: '0000:ff:00.0' },
    });
    expect(devicesOf(machine)[0]?.mem).toBeUndefined();
  });
});

describe('sizes', () => {
  it.each([
    ['4GiB', 2 ** 32],
    ['256M', 2 ** 28],
    ['1 TiB', 2 ** 40],
    ['0x1000', 4096],
    ['512', 512],
    ['4 Gb', undefined],
    ['-1', undefined],
    ['9000PiB', undefined],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it('are printed with the largest unit that divides them', () => {
    expect([2 ** 32, 3 * 2 ** 20, 100].map(exactSize)).toEqual(['4GiB', '3MiB', '0x64']);
  });
});
