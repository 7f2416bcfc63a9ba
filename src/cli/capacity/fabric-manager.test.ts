// The fabric manager against machines in this process: two hosts of one device, as far as they can tell.
import { beforeEach, describe, expect, it } from 'vitest';
import { boot, loadMachine, MachineClient } from '../../index.ts';
import { CapacityHost } from './capacity-host.ts';
import { addCapacity, type CapacityDevice, holdings, releaseCapacity } from './fabric-manager.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TAG = '11111111-2222-3333-4444-555555555555';

let device: CapacityDevice;
let clients: MachineClient[];

/** Hosts of a device of 16 GiB; those named are bound to cxl_devdax_region. */
async function hosts(...names: readonly string[]): Promise<void> {
  clients = names.map(() => new MachineClient(boot(loadMachine('dynamic'))));
  for (const client of clients) await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
  let tags = 0;
  device = {
    name: 'pool',
    hosts: names.map((name, index) => new CapacityHost(name, 'mem0', clients[index] as MachineClient)),
    newTag: () => {
      tags += 1;
      return `00000000-0000-0000-0000-${String(tags).padStart(12, '0')}`;
    },
  };
}

/** What each host has, in MiB. */
async function had(): Promise<Record<string, string[]>> {
  const found = await holdings(device);
  const text = ({
    offset,
    length,
    tag,
  }: {
    offset: number;
    length: number;
    tag?: string | undefined;
  }): string => `${offset / MIB}+${length / MIB}${tag === undefined ? '' : ` ${tag.slice(-1)}`}`;
  return Object.fromEntries(found.map(({ host, extents }) => [host.name, extents.map(text)]));
}

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('one host', () => {
  beforeEach(() => hosts('box'));

  it('gets the lowest free place, and tells what came of it', async () => {
    expect(await addCapacity(device, { size: 256 * MIB, count: 2 })).toMatchObject([
      { host: 'box', dax: ['dax0.0'] },
      { host: 'box', dax: ['dax0.1'] },
    ]);
    await releaseCapacity(device, { offset: 0 });
    await addCapacity(device, { size: 128 * MIB });
    await addCapacity(device, { size: 256 * MIB });
    expect(await had()).toEqual({ box: ['0+128', '256+256', '512+256'] });
  });

  it('gets the place that is asked for, several extents behind one another', async () => {
    await addCapacity(device, { size: 256 * MIB, offset: GIB, count: 2, tag: TAG });
    expect(await had()).toEqual({ box: ['1024+256 5', '1280+256 5'] });
    expect(await clients[0]?.read('/sys/bus/dax/devices/dax0.0/size')).toBe(`${512 * MIB}\n`);
  });

  it.each([
    ['more than there is', { size: 17 * GIB }, 'pool has no 17GiB in one piece that are free'],
    ['a place beyond the end', { size: GIB, offset: 16 * GIB }, 'box refuses: EINVAL: extent'],
    ['a host that is not there', { size: GIB, hosts: ['other'] }, "pool has no host 'other'"],
    ['a place that it has', { size: GIB, offset: 0 }, 'box refuses: EBUSY: extent'],
  ])('is refused %s', async (_, request, message) => {
    await addCapacity(device, { size: 256 * MIB, offset: 0 });
    expect(await refusal(addCapacity(device, request))).toContain(message);
    expect(await had()).toEqual({ box: ['0+256'] });
  });

  it('says why it refuses, with the words of its kernel log', async () => {
    await clients[0]?.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    expect(await refusal(addCapacity(device, { size: GIB }))).toBe(
      'box refuses: ENXIO: region0 has no dax region: bind one of its drivers first',
    );
  });

  it.each([
    ['an offset inside', { offset: 300 * MIB }, ['0+256', '512+256 5', '768+256 5']],
    ['a tag', { tag: TAG }, ['0+256', '256+256']],
    ['an offset in a tagged one', { offset: 800 * MIB }, ['0+256', '256+256']],
    ['all', { all: true }, []],
  ])('gives back by %s', async (_, request, left) => {
    await addCapacity(device, { size: 256 * MIB, count: 2 });
    await addCapacity(device, { size: 256 * MIB, count: 2, tag: TAG });
    await releaseCapacity(device, request);
    expect(await had()).toEqual({ box: left });
  });

  it('what nobody has cannot be released', async () => {
    expect(await refusal(releaseCapacity(device, { offset: 0 }))).toBe('no host of pool has that');
  });
});

describe('two hosts', () => {
  beforeEach(() => hosts('a', 'b'));

  it('have to be named', async () => {
    expect(await refusal(addCapacity(device, { size: GIB }))).toBe('pool has 2 hosts');
  });

  it('get places apart', async () => {
    await addCapacity(device, { size: GIB, hosts: ['a'] });
    await addCapacity(device, { size: GIB, hosts: ['b'] });
    expect(await had()).toEqual({ a: ['0+1024'], b: ['1024+1024'] });
    expect(await refusal(addCapacity(device, { size: GIB, offset: 0, hosts: ['b'] }))).toBe(
      'host a has 0x0 1GiB of it, untagged',
    );
  });

  it('share what is given to both, under a tag; it goes from one or from all', async () => {
    await addCapacity(device, { size: GIB, hosts: ['a', 'b'] });
    expect(await had()).toEqual({ a: ['0+1024 1'], b: ['0+1024 1'] });
    await releaseCapacity(device, { offset: 0, hosts: ['a'] });
    expect(await had()).toEqual({ a: [], b: ['0+1024 1'] });
    const tag = '00000000-0000-0000-0000-000000000001';
    await addCapacity(device, { size: GIB, offset: 0, tag, hosts: ['a'] });
    await releaseCapacity(device, { tag });
    expect(await had()).toEqual({ a: [], b: [] });
  });

  it('get it both or not at all', async () => {
    await clients[1]?.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    expect(await refusal(addCapacity(device, { size: GIB, hosts: ['a', 'b'] }))).toContain(
      'b refuses: ENXIO',
    );
    expect(await had()).toEqual({ a: [], b: [] });
  });
});
