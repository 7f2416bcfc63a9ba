// The fabric manager against machines in this process: two hosts of one device, as far as they can
// tell.
import { beforeEach, describe, expect, it } from 'vitest';
import { boot, loadMachine, MachineClient } from '../../index.ts';
import {
  type AddRequest,
  type Allocation,
  addCapacity,
  type CapacityDevice,
  holdings,
  type Released,
  type ReleaseRequest,
  releaseCapacity,
} from './fabric-manager.ts';
import { CapacityHost } from './host.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TAG = '11111111-2222-3333-4444-555555555555';

let device: CapacityDevice;
let clients: MachineClient[];

/** Hosts of a device of 16 GiB; those named are bound to cxl_devdax_region. */
async function hosts(...names: readonly string[]): Promise<void> {
  clients = names.map(() => new MachineClient(boot(loadMachine('dynamic'))));
  for (const client of clients)
    await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
  let tags = 0;
  device = {
    name: 'pool',
    hosts: names.map(
      (name, index) => new CapacityHost(name, 'mem0', clients[index] as MachineClient),
    ),
    silent: [],
    newTag: () => {
      tags += 1;
      return `00000000-0000-0000-0000-${String(tags).padStart(12, '0')}`;
    },
  };
}

let added: Allocation[];
let released: Released[];

beforeEach(() => {
  added = [];
  released = [];
});

const add = (request: AddRequest): Promise<void> =>
  addCapacity(device, request, (each) => void added.push(each));

const release = (request: ReleaseRequest): Promise<void> =>
  releaseCapacity(device, request, (each) => void released.push(each));

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
    await add({ size: 256 * MIB, count: 2 });
    expect(added).toMatchObject([
      { host: 'box', surfaced: [{ dax: 'dax0.0', driver: 'device_dax' }] },
      { host: 'box', surfaced: [{ dax: 'dax0.1', driver: 'device_dax' }] },
    ]);
    await release({ offset: 0 });
    await add({ size: 128 * MIB });
    await add({ size: 256 * MIB });
    expect(await had()).toEqual({ box: ['0+128', '256+256', '512+256'] });
  });

  it('gets the place that is asked for, several extents behind one another', async () => {
    await add({ size: 256 * MIB, offset: GIB, count: 2, tag: TAG });
    expect(await had()).toEqual({ box: ['1024+256 5', '1280+256 5'] });
    expect(await clients[0]?.read('/sys/bus/dax/devices/dax0.0/size')).toBe(`${512 * MIB}\n`);
  });

  it.each([
    ['more than there is', { size: 17 * GIB }, 'pool has no room for an extent of 17GiB'],
    [
      'more of them than there is',
      { size: GIB, count: 9_999_999 },
      'pool has no room for 9999999 extents of 1GiB',
    ],
    [
      'a place beyond the end',
      { size: GIB, offset: 16 * GIB },
      '1 x 1GiB at 0x400000000 extends beyond the 16GiB of pool',
    ],
    ['a host twice', { size: GIB, hosts: ['box', 'box'] }, "host 'box' is named twice"],
    ['a host that is not there', { size: GIB, hosts: ['other'] }, "pool has no host 'other'"],
    ['a place that it has', { size: GIB, offset: 0 }, 'box refuses: EBUSY: extent'],
  ])('is refused %s', async (_, request, message) => {
    await add({ size: 256 * MIB, offset: 0 });
    expect(await refusal(add(request))).toContain(message);
    expect(await had()).toEqual({ box: ['0+256'] });
  });

  it('says why it refuses, with the words of its kernel log', async () => {
    await clients[0]?.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    expect(await refusal(add({ size: GIB }))).toBe(
      'box refuses: ENXIO: region0 has no dax region: bind one of its drivers first',
    );
  });

  it.each([
    ['an offset inside', { offset: 300 * MIB }, ['0+256', '512+256 5', '768+256 5']],
    ['a tag', { tag: TAG }, ['0+256', '256+256']],
    ['an offset in a tagged one', { offset: 800 * MIB }, ['0+256', '256+256']],
    ['all', { all: true }, []],
  ])('gives back by %s', async (_, request, left) => {
    await add({ size: 256 * MIB, count: 2 });
    await add({ size: 256 * MIB, count: 2, tag: TAG });
    await release(request);
    expect(await had()).toEqual({ box: left });
  });

  it('tells of each allocation that it has given back, whole', async () => {
    await add({ size: 256 * MIB, count: 2, tag: TAG });
    await release({ offset: 300 * MIB });
    expect(released).toMatchObject([
      { host: 'box', extents: [{ offset: 0 }, { offset: 256 * MIB }] },
    ]);
  });

  it('gives back all that it can, then says what it keeps', async () => {
    await add({ size: 256 * MIB, count: 3 });
    await clients[0]?.write('/sys/bus/dax/drivers/device_dax/unbind', 'dax0.1');
    await clients[0]?.write('/sys/bus/dax/drivers/kmem/new_id', 'dax0.1');
    await clients[0]?.write('/sys/devices/system/memory/memory52/state', 'online');
    expect(await refusal(release({ all: true }))).toContain('box refuses: EBUSY');
    expect(await had()).toEqual({ box: ['256+256'] });
    expect(released.map(({ extents }) => extents[0]?.offset)).toEqual([0, 512 * MIB]);
  });

  it('tells of a dax device that no driver takes', async () => {
    await clients[0]?.write('/sys/bus/dax/drivers_autoprobe', '0');
    await add({ size: 256 * MIB });
    expect(added).toMatchObject([{ surfaced: [{ dax: 'dax0.0', driver: null }] }]);
  });

  it('capacity that no host has cannot be released', async () => {
    expect(await refusal(release({ offset: 0 }))).toBe(
      'no host of pool has the specified capacity',
    );
  });
});

describe('two hosts', () => {
  beforeEach(() => hosts('a', 'b'));

  it('have to be named', async () => {
    expect(await refusal(add({ size: GIB }))).toBe('pool has 2 hosts');
  });

  it('get places apart', async () => {
    await add({ size: GIB, hosts: ['a'] });
    await add({ size: GIB, hosts: ['b'] });
    expect(await had()).toEqual({ a: ['0+1024'], b: ['1024+1024'] });
    expect(await refusal(add({ size: GIB, offset: 0, hosts: ['b'] }))).toBe(
      'host a already has 0x0 1GiB of that range, untagged',
    );
  });

  it('share what is given to both, under a tag; it goes from one or from all', async () => {
    await add({ size: GIB, hosts: ['a', 'b'] });
    expect(await had()).toEqual({ a: ['0+1024 1'], b: ['0+1024 1'] });
    await release({ offset: 0, hosts: ['a'] });
    expect(await had()).toEqual({ a: [], b: ['0+1024 1'] });
    const tag = '00000000-0000-0000-0000-000000000001';
    await add({ size: GIB, offset: 0, tag, hosts: ['a'] });
    await release({ tag });
    expect(await had()).toEqual({ a: [], b: [] });
  });

  it('get it both or not at all', async () => {
    await clients[1]?.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    expect(await refusal(add({ size: GIB, hosts: ['a', 'b'] }))).toContain('b refuses: ENXIO');
    expect(await had()).toEqual({ a: [], b: [] });
    expect(added).toEqual([]);
  });

  it('keep what they use when another host refuses; the refusal is the error, and what stays is told', async () => {
    const [a, b] = clients;
    await a?.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    await a?.write('/sys/bus/cxl/drivers/cxl_sysram_region/bind', 'region0');
    await a?.write('/sys/bus/cxl/devices/sysram_region0/online_type', 'online');
    await a?.write('/sys/bus/cxl/drivers/cxl_dax_kmem_region/bind', 'sysram_region0');
    await b?.write('/sys/bus/cxl/drivers/cxl_devdax_region/unbind', 'region0');
    expect(await refusal(add({ size: GIB, hosts: ['a', 'b'] }))).toContain('b refuses: ENXIO');
    expect(await had()).toEqual({ a: ['0+1024 1'], b: [] });
    expect(added).toMatchObject([{ host: 'a', surfaced: [{ driver: 'kmem' }] }]);
  });

  it('get nothing while one cannot be asked what it has; the others can give back', async () => {
    await add({ size: GIB, hosts: ['a'] });
    device = { ...device, silent: [{ name: 'c', why: 'its box does not answer' }] };
    const message = 'host c cannot report which extents it has: its box does not answer';
    expect(await refusal(add({ size: GIB, hosts: ['a'] }))).toBe(message);
    expect(await refusal(add({ size: GIB, hosts: ['c'] }))).toBe(message);
    await release({ all: true });
    expect(await had()).toEqual({ a: [], b: [] });
  });
});
