// The large machines boot whole: every region assembled, every block online.
import { describe, expect, it } from 'vitest';
import { readFile } from '../../src/kernfs/access.ts';
import { resolve } from '../../src/kernfs/resolve.ts';
import { loadMachine } from '../../src/machine-files/load.ts';
import { boot } from '../../src/platform/boot.ts';
import { parseMachine } from '../../src/platform/description/parse.ts';
import type { BootedMachine } from '../../src/platform/machine.ts';

const TIB = 2 ** 40;
const CXL = '/sys/bus/cxl/devices';
const BOOT_SECONDS = 60;

function onlineBlocks({ mm }: BootedMachine, node: number): number {
  const zone = mm.nodes.node(node).zone(3);
  return (zone.present * 4096) / 2 ** 27;
}

function names({ kernel }: BootedMachine, path: string, pattern: RegExp): string[] {
  const directory = resolve(kernel.root, path);
  return directory.kind === 'directory'
    ? [...directory.names()].filter((name) => pattern.test(name))
    : [];
}

function read({ kernel }: BootedMachine, path: string): string {
  return readFile(kernel.root, path).trim();
}

describe('rack-64t', () => {
  it(
    'has 4,096 devices, 256 regions of 16 ways and 64 TiB online on 8 nodes',
    () => {
      const machine = boot(loadMachine('rack-64t'));
      expect(names(machine, CXL, /^mem\d+$/)).toHaveLength(4096);
      const regions = names(machine, CXL, /^region\d+$/);
      expect(regions).toHaveLength(256);
      for (const region of regions) {
        const facts = ['commit', 'interleave_ways', 'size'].map((name) =>
          read(machine, `${CXL}/${region}/${name}`),
        );
        expect(facts).toEqual(['1', '16', `0x${(TIB / 4).toString(16)}`]);
      }
      for (let node = 8; node < 16; node += 1) expect(onlineBlocks(machine, node)).toBe(65_536);
      const problems = machine.kernel.log
        .lines()
        .filter(({ level }) => level === 'err' || level === 'warn');
      expect(problems).toEqual([]);
    },
    BOOT_SECONDS * 1000,
  );
});

describe('wide-64t', () => {
  it(
    'has one region of 64 TiB; each block hosts its own page structures',
    () => {
      const machine = boot(loadMachine('wide-64t'));
      expect(read(machine, `${CXL}/region0/size`)).toBe(`0x${(64 * TIB).toString(16)}`);
      expect(onlineBlocks(machine, 1)).toBe(524_288);
      const { present, managed } = machine.mm.nodes.node(1).zone(3);
      expect((present - managed) / present).toBe(1 / 64);
      expect(names(machine, '/sys/devices/system/memory', /^memory\d+$/)).toHaveLength(
        524_288 + 512,
      );
    },
    BOOT_SECONDS * 1000,
  );
});

// Firmware's interleaving on all levels: the window's bridges, the bridge's switches, the switch's
// devices.
const SMALL_RACK = `
boot: {auto_online_blocks: online_movable, memmap_on_memory: Y}
windows: [{size: 16GiB, targets: [12, 13]}]
host_bridges:
  - repeat: {bridge: 2}
    pci: "{bridge:04x}:0c"
    root_ports:
      - repeat: {switch: 2}
        switch: {ports: [{repeat: {slot: 4}, device: "m{bridge}.{switch}.{slot}"}]}
devices:
  "m{bridge}.{switch}.{slot}": {repeat: {bridge: 2, switch: 2, slot: 4}, ram: 1GiB}
regions:
  - repeat: {slice: 2}
    firmware: true
    devices: [{repeat: {slot: 2, switch: 2, side: 2}, each: "m{side}.{switch}.{2 * slice + slot}"}]
`;

describe('a small rack', () => {
  it('assembles the regions of its firmware in the order of their positions', () => {
    const machine = boot(parseMachine(SMALL_RACK, 'small.yaml'));
    expect(read(machine, `${CXL}/region0/interleave_ways`)).toBe('8');
    const serials = Array.from({ length: 8 }, (_, position) => {
      const decoder = read(machine, `${CXL}/region1/target${position}`);
      const endpoint = `${CXL}/endpoint${/^decoder(\d+)\./.exec(decoder)?.[1]}`;
      return Number(read(machine, `${endpoint}/uport/serial`));
    });
    // m{side}.{switch}.{slot} has serial 0x1000 + 8 * side + 4 * switch + slot.
    expect(serials.map((serial) => serial - 0x1000)).toEqual([2, 10, 6, 14, 3, 11, 7, 15]);
    expect(onlineBlocks(machine, 1)).toBe(128);
  });
});
