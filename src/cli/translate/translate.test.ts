import { describe, expect, it } from 'vitest';
import { boot } from '../../platform/boot.ts';
import { parseMachine } from '../../platform/description/parse.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import { AddressError, parseAddress } from '../common/region-map.ts';
import { type AddressKind, translateAddress } from './action.ts';

const MACHINE = `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows:
  - {base: 0x190000000, size: 4GiB, targets: [12, 222]}
host_bridges:
  - {uid: 12, root_ports: [{device: left}]}
  - {uid: 222, root_ports: [{device: right}]}
devices:
  left: {ram: 1GiB}
  right: {ram: 1GiB}
regions:
  - {devices: [left, right], size: 512MiB, granularity: 256, driver: cxl_devdax_region}
`;

const client = new MachineClient(boot(parseMachine(MACHINE, 'translate.yaml')));

describe('translate', () => {
  it.each<[AddressKind, string, object]>([
    ['hpa', '0x190000000', { offset: 0, position: 0, memdev: 'mem0', dpa: 0 }],
    ['hpa', '0x190000100', { offset: 0x100, position: 1, memdev: 'mem1', dpa: 0 }],
    ['offset', '0x2ff', { hpa: 0x1900002ff, position: 0, memdev: 'mem0', dpa: 0x1ff }],
    ['dpa', 'mem1:0x1234', { offset: 0x2534, hpa: 0x190002534, position: 1 }],
    ['dpa', 'mem1:1KiB', { offset: 0x900, position: 1 }],
    ['hpa', '6400MiB', { offset: 0 }],
    ['offset', '4660', { dax: { name: 'dax0.0', offset: 4660 } }],
  ])('%s %s', async (kind, text, expected) => {
    expect(await translateAddress(client, 'region0', kind, text)).toMatchObject(expected);
  });

  it.each<[AddressKind, string, string]>([
    ['hpa', '0x18fffffff', 'outside of region0'],
    ['offset', '0x20000000', 'outside of region0'],
    ['dpa', '0x0', 'say which, such as mem0:0x0'],
    ['dpa', 'mem7:0x0', 'does not use'],
    ['dpa', 'mem0:0x10000000', 'does not use'],
    ['dpa', 'mem0:0x0:junk', "'0x0:junk' is not an address"],
    ['dpa', 'mem0:', "'' is not an address"],
    ['hpa', '12z', 'is not an address'],
  ])('refuses %s %s', async (kind, text, why) => {
    await expect(translateAddress(client, 'region0', kind, text)).rejects.toThrow(why);
  });

  it('says which regions are there', async () => {
    await expect(translateAddress(client, 'region9', 'hpa', '0')).rejects.toThrow(
      "this machine has no region 'region9'; it has region0",
    );
  });

  it('says that a machine without the bus cxl has no regions', async () => {
    const bare = boot(parseMachine('nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]', 'b'));
    await expect(translateAddress(new MachineClient(bare), 'region0', 'hpa', '0')).rejects.toThrow(
      "no region 'region0'; it has no regions at all; is it a box?",
    );
  });

  it.each(['', '-1', '0x', '1e3', '0x100000000000000'])('%j is not an address', (text) => {
    expect(() => parseAddress(text)).toThrow(AddressError);
  });
});
