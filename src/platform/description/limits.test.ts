import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problems } from '../../../test/description-problems.ts';
import { exactSize } from '../../units.ts';
import { LIMITS } from './limits.ts';

const ONE = 'host_bridges: [{root_ports: [{device: a}]}]\ndevices: {a: {ram: 1GiB}}\n';
const TWO =
  'host_bridges: [{root_ports: [{device: a}, {device: b}]}]\ndevices: {a: {ram: 1GiB}, b: {ram: 1GiB}}\n';

function laughs(levels: number): string {
  const list = (level: number): string =>
    Array(10)
      .fill(`*l${level - 1}`)
      .join(', ');
  return Array.from(
    { length: levels },
    (_, level) => `l${level}: &l${level} [${level === 0 ? 'x' : list(level)}]`,
  ).join('\n');
}

describe('what would crash or hang a reader', () => {
  const CASES: readonly (readonly [string, string, string])[] = [
    [
      'an alias inside of itself',
      'a: &a [*a]',
      "1:8: found the alias '*a' inside the part that it names",
    ],
    [
      'an alias of nothing',
      'about: *none',
      "1:8: found the alias '*none', expected an anchor '&none'",
    ],
    ['a merge of no map', 'boot: {<<: 3}', '1:12: found something other than a map at <<'],
    [
      'a merge of a list of lists',
      'boot: {<<: [[]]}',
      '1:12: found something other than a map at <<',
    ],
    ['billion laughs', laughs(10), `6:`],
    ['a key twice', 'about: x\nabout: y', "2:1: found the key 'about' a second time"],
    ['a list as a key', '? [a]\n: 1', '1:3: found a list or map as key'],
    [
      'a key that is no key of objects',
      'devices: {__proto__: {}}',
      "1:11: found the key '__proto__'",
    ],
    ['two documents', 'about: x\n---\nabout: y', '2:1: found a second document'],
    [
      'deep nesting in brackets',
      '['.repeat(100_000),
      '1:101: found a list or map inside 100 others',
    ],
    ['deep nesting in dashes', '- '.repeat(20_000), '1:201: found a list or map inside 100 others'],
    ['deep nesting of keys', '? '.repeat(20_000), '1:201: found a list or map inside 100 others'],
    [
      'too many words',
      `about: [${'a, '.repeat(60_000)}]`,
      '1:75004: found more than 100000 words and signs',
    ],
    [
      '400,000 keys',
      Array.from({ length: 400_000 }, (_, at) => `k${at}: 1`).join('\n'),
      '1:1: found more than 1048576 characters',
    ],
    [
      'an endless number',
      `memory_block_size: ${'9'.repeat(100_000)}`,
      '1:20: memory_block_size: found a number of more than 30 digits',
    ],
    [
      'an endless list of CPUs',
      'nodes: [{cpus: "0-4294967295"}]',
      '1:16: nodes[0].cpus: found "0-4294967295", expected a list of numbers from 0 to 8191',
    ],
    [
      'repetitions of repetitions',
      'windows: [{repeat: {a: 65536}, targets: [{repeat: {b: 65536}, each: 1}]}]',
      '1:42: windows[0].targets[0]: found more than 200000 values in all',
    ],
    [
      'a padding without end',
      'devices: {"a{n:0999999999}": {repeat: {n: 1}}}',
      "1:30: devices.a{n:0999999999}: found '{n:0999999999}', expected at most 16 digits",
    ],
    [
      'an expression without end',
      `devices: {"a{${'('.repeat(50_000)}}": {repeat: {n: 1}}}`,
      '1:50018: devices.a{(',
    ],
    [
      'a node of 4 PiB',
      'nodes: [{memory: [{base: 0, size: 4PiB}]}]',
      '1:35: nodes[0].memory[0].size: found 4096TiB of memory up to here, expected at most 64TiB',
    ],
    [
      'an address that is none',
      'nodes: [{memory: [{base: 0x10000000000000, size: 1GiB}]}]',
      '1:26: nodes[0].memory[0].base: found 4503599627370496, expected an address',
    ],
    [
      'memory beyond the last address',
      'nodes: [{memory: [{base: 4095TiB, size: 2TiB}]}]',
      '1:19: nodes[0].memory[0]: found memory of node 0 at 0xfff0000000000-0x1000ffffffffff',
    ],
    [
      'a billion decoders',
      `${ONE}windows: []`.replace('1GiB', '1GiB, decoders: 1e9'),
      '2:36: devices.a.decoders: found 1000000000, expected a number of decoders from 0 to 32',
    ],
    [
      'too many devices',
      'devices: {"d{n}": {repeat: {n: 16385}, ram: 1GiB}}',
      '1:10: devices: found 16385, expected at most 16384',
    ],
    [
      'a distance to node 999999999',
      'nodes: [{distances: {999999999: 20}}]',
      "1:22: nodes[0].distances.999999999: found '999999999', expected a node from 0 to 1023",
    ],
    [
      'a block of 1 PiB',
      'memory_block_size: 1PiB',
      '1:20: memory_block_size: found 1024TiB, expected a power of two from 128MiB to 64GiB',
    ],
    [
      'node 65535',
      'nodes: [{id: 65535}]',
      '1:14: nodes[0].id: found 65535, expected a node from 0 to 1023',
    ],
    [
      'System RAM twice',
      'system_ram: [{base: 0, size: 1GiB}, {base: 512MiB, size: 1GiB}]',
      '1:37: system_ram[1]: found system_ram[1] at 0x20000000-0x5fffffff, expected it not to overlap system_ram[0]',
    ],
    [
      'System RAM in a window',
      `${ONE}system_ram: [{base: 0x110000000, size: 1GiB}]\nwindows: [{base: 4GiB, size: 1GiB, targets: [12]}]`,
      '4:11: windows[0]: found window 0 at 0x100000000-0x13fffffff, expected it not to overlap system_ram[0]',
    ],
  ];
  it.each(CASES)('%s', (_, text, start) => {
    const found = problems(text);
    expect(
      found.some((each) => each.startsWith(`m.yaml:${start}`)),
      found.join('\n').slice(0, 500),
    ).toBe(true);
  });

  it('is told in no more than some lines', () => {
    const found = problems(Array.from({ length: 9000 }, (_, at) => `k${at}: 1`).join('\n'));
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe('m.yaml: and 8950 more');
  });

  it('leaves aliases, merges and anchors alone that are well', () => {
    const text = `${TWO.replace('{a: {ram: 1GiB}, b: {ram: 1GiB}}', '{a: &d {ram: 1GiB, decoders: 8}, b: {<<: *d, decoders: 2}}')}`;
    expect(problems(text)).toEqual([]);
  });

  it('points into the part that was merged', () => {
    const text =
      'host_bridges: [{root_ports: [{device: a}, {device: b}]}]\ndevices:\n  a: &d\n    ram: 1MiB\n  b: {<<: *d}\n';
    expect(problems(text)[1]).toBe(
      'm.yaml:4:10: devices.b.ram: found 1MiB, expected a multiple of 256MiB',
    );
  });
});

describe('what only the boot refused', () => {
  const regions = (text: string, machine = ONE): string => `${machine}regions: [${text}]`;
  const PMEM = ONE.replace('1GiB', '1GiB, pmem: 1GiB');
  const BRIDGES =
    'host_bridges: [{root_ports: [{device: a}]}, {root_ports: [{device: b}]}]\ndevices: {a: {ram: 1GiB}, b: {ram: 1GiB}}\nwindows: [{targets: [12, 13]}]\n';
  const many = (count: number): string =>
    `host_bridges: [{root_ports: [{repeat: {n: ${count}}, device: "d{n}"}]}]\ndevices: {"d{n}": {repeat: {n: ${count}}, ram: 1GiB}}\nregions: [{devices: [{repeat: {n: ${count}}, each: "d{n}"}]}]`;
  const CASES: readonly (readonly [string, string, string])[] = [
    [
      'an unknown driver',
      regions('{devices: [a], driver: cxl_devdaxregion}'),
      "3:34: regions[0].driver: found 'cxl_devdaxregion', which is not a driver, did you mean 'cxl_devdax_region'?",
    ],
    [
      'a driver of the other profile',
      `abi: mainline-7.2\n${regions('{devices: [a], driver: cxl_devdax_region}')}`,
      "4:34: regions[0].driver: found 'cxl_devdax_region', which abi mainline-7.2 does not have, expected one of cxl_region, none, or abi: explicit-region-drivers-v1",
    ],
    [
      'a driver of something else',
      regions('{devices: [a], driver: kmem}'),
      "3:34: regions[0].driver: found 'kmem', which is not a driver of regions, expected one of cxl_region",
    ],
    [
      'a driver of another type',
      regions('{devices: [a], type: pmem, driver: cxl_devdax_region}', PMEM),
      "3:46: regions[0].driver: found 'cxl_devdax_region', which does not take regions of type pmem, expected cxl_region",
    ],
    [
      'a granularity that no register holds',
      regions('{devices: [a], granularity: 300}'),
      '3:39: regions[0].granularity: found 300, expected one of 256, 512',
    ],
    [
      'another granularity than the window',
      regions('{devices: [a, b], granularity: 512}', BRIDGES),
      '4:42: regions[0].granularity: found 512, expected 256, as window 0 has it',
    ],
    [
      '5 ways',
      many(5),
      '3:21: regions[0].devices: found 5 devices, expected 1, 2, 3, 4, 6, 8, 12, 16',
    ],
    [
      '3 ways behind one bridge',
      many(3),
      '3:21: regions[0].devices: found 3 devices, expected 1, the ways of window 0, times a power of two',
    ],
    [
      '16 ways behind one bridge',
      many(16),
      '3:21: regions[0].devices: found devices behind 16 ports of host bridge 12, which can interleave 1, 2, 4 or 8',
    ],
    [
      'devices in the wrong order',
      regions('{devices: [b]}', BRIDGES),
      "4:22: regions[0].devices[0]: found 'b' below host bridge 13, expected a device below host bridge 12",
    ],
    [
      'a device twice',
      regions('{devices: [a, a]}', TWO),
      '3:25: regions[0].devices[1]: found a a second time',
    ],
    [
      'two regions through one root port',
      regions('{devices: [a], size: 512MiB}, {devices: [a], size: 512MiB}'),
      '3:51: regions[1].devices: found a second region through host bridge 12, which has no decoders and can route one: give it decoders, such as decoders: 4',
    ],
    [
      'more regions than decoders',
      regions(
        '{repeat: {n: 5}, devices: [a], size: 256MiB}',
        TWO.replace('1GiB', '2GiB, decoders: 8'),
      ),
      '3:37: regions[4].devices: found a region more than the 4 decoders of host bridge 12',
    ],
    [
      'more regions than the device has decoders',
      regions(
        '{repeat: {n: 2}, devices: [a], size: 256MiB}',
        TWO.replace('1GiB', '1GiB, decoders: 1'),
      ),
      "3:38: regions[1].devices[0]: found 'a', whose 1 decoders are taken",
    ],
    [
      'pmem of a device that has none',
      regions('{devices: [a], type: pmem}'),
      "3:22: regions[0].devices[0]: found 'a', which has no pmem, expected a device with pmem, or type: ram",
    ],
    [
      'ram below allocated pmem',
      regions(
        '{devices: [a], type: pmem}, {devices: [a], type: ram}',
        PMEM.replace('[{root', '[{decoders: 4, root'),
      ),
      "3:39: regions[1].size: found 1GiB of device 'a', expected at most the 0x0 of ram it has left",
    ],
    [
      'a region that a guest cannot commit',
      `boot: {hypervisor: true}\n${regions('{devices: [a]}')}`,
      '4:11: regions[0]: found a region on a machine with boot.hypervisor',
    ],
    [
      'CPUs of two nodes',
      'nodes: [{cpus: "0-9"}, {cpus: "4-12"}]',
      '1:31: nodes[1].cpus: found CPUs 4-9, expected CPUs that node 0 does not have',
    ],
    [
      'a decimal unit',
      ONE.replace('1GiB', '4GB'),
      '2:20: devices.a.ram: found "4GB", expected a size in bytes such as 4GiB, 256MiB or 0x10000000, of at most 4PiB, did you mean 4GiB?',
    ],
  ];
  it.each(CASES)('%s', (_, text, start) => {
    const found = problems(text).map((each) => each.slice('m.yaml:'.length));
    expect(found.map((each) => each.slice(0, start.length))).toEqual([start]);
  });

  it('is not asked of what is well', () => {
    expect(problems(regions('{devices: [a, b], driver: cxl_sysram_region}', BRIDGES))).toEqual([]);
    expect(problems(many(8))).toEqual([]);
  });
});

describe('the limits in docs/machine-file.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/machine-file.md'), 'utf8');
  const [, section = ''] = /^## Limits$([\s\S]*?)^## /m.exec(text) ?? [];
  const rows = [...section.matchAll(/^\| ([^|]+?) +\| +([\w,]+) \|/gm)].map(([, what, most]) => [
    what,
    most,
  ]);
  /** In the order of the table, which is that of the limits. */
  const BYTES: ReadonlySet<string> = new Set([
    'address',
    'bootMemory',
    'memory',
    'smallestBlock',
    'largestBlock',
  ]);
  const size = (bytes: number): string => (bytes === LIMITS.address ? '4PiB' : exactSize(bytes));

  it('are those of the schema', () => {
    const limits = Object.entries(LIMITS).map(([name, most]) =>
      BYTES.has(name) ? size(most) : most.toLocaleString('en'),
    );
    expect(rows.map(([, most]) => most)).toEqual(limits);
  });
});
