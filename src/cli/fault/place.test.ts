import { describe, expect, it } from 'vitest';
import { boot } from '../../platform/boot.ts';
import { parseMachine } from '../../platform/description/parse.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import { resolvePlace } from './place.ts';

const MACHINE = `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows: [{base: 0x190000000, size: 4GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: left}, {device: right}]}]
devices: {left: {ram: 1GiB}, right: {ram: 1GiB}}
regions: [{devices: [left, right], size: 512MiB, granularity: 256, driver: cxl_devdax_region}]
`;

const client = new MachineClient(boot(parseMachine(MACHINE, 'fault.yaml')));

describe('the place that a fault hits', () => {
  it.each([
    ['dax0.0:0x0', 'mem0', 0],
    ['dax0.0:0x150', 'mem1', 0x40],
    ['dax0.0:0x200', 'mem0', 0x100],
    ['0x190000100', 'mem1', 0],
    ['mem1:0x1039', 'mem1', 0x1000],
    ['mem0:4096', 'mem0', 4096],
    ['mem0:4GiB', 'mem0', 2 ** 32],
    ['dax0.0:2MiB', 'mem0', 2 ** 20],
    ['6400MiB', 'mem0', 0],
  ])('%s is %s, %i', async (text, memdev, dpa) => {
    expect(await resolvePlace(client, text)).toEqual({ memdev, dpa });
  });

  it.each([
    ['dax0.0:0x20000000', 'has no offset'],
    [
      'dax7.0:0',
      'no dax device dax7.0 with memory exists: this machine has dax0.0. Bind a region to a ',
    ],
    ['0x1000', 'no committed region has 0x1000'],
    ['dax0.0', 'is not an address'],
    ['dax0.0:', 'is not an address'],
    ['dax0.0', "'dax0.0' alone is not an address: its OFFSET is missing, as in dax0.0:0x1000"],
    ['mem0', "'mem0' alone is not an address: its DPA is missing, as in mem0:0x1000"],
    ['mem0:', "'mem0' alone is not an address: its DPA is missing, as in mem0:0x1000"],
    ['mem0:0x0:junk', "'0x0:junk' is not an address"],
    [
      'mem0:4GiBi',
      "'4GiBi' is not an address: give a decimal number, hexadecimal with 0x, or one with a unit",
    ],
    [
      'memory0:0',
      "'memory0:0' is not a place: give daxN.Y:OFFSET, memN:DPA, or a host physical address",
    ],
    ['mem0/../mem1:0', 'is not a place'],
    ['db', "'db' is not an address"],
  ])('%s is refused', async (text, why) => {
    await expect(resolvePlace(client, text)).rejects.toThrow(why);
  });
});
