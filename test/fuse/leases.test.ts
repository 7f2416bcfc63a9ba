// Leases of names, by what is asked and answered; test/box/names.test.ts has the kernel's side.
import { beforeEach, describe, expect, test } from 'vitest';
import { ERRNO } from '../../src/errno.ts';
import type { LateAnswer } from '../../src/fuse/late-answers.ts';
import * as structs from '../../src/fuse/wire/structs.ts';
import { type KernfsDirectory, KernfsFile, KernfsRoot, linkTo } from '../../src/kernfs/node.ts';
import { FuseClient } from './fuse-client.ts';

let root: KernfsRoot;
let devices: KernfsDirectory;
let client: FuseClient;
let late: LateAnswer[];
let time: number;

/** region0/{size,driver,dax/size} */
function addRegion(): void {
  const region = devices.addDirectory('region0');
  const dax = region.addDirectory('dax');
  for (const directory of [region, dax])
    directory.add(new KernfsFile('size', 0o444, { show: () => '1\n' }));
  region.add(linkTo('driver', devices));
}

beforeEach(() => {
  root = new KernfsRoot();
  devices = root.addDirectory('devices');
  addRegion();
  late = [];
  time = 0;
  client = new FuseClient({ root, clock: () => time, sendLate: (each) => void late.push(each) });
});

/** The nodes whose attributes the kernel was told to forget. */
function forgotten(): number[] {
  return client.notifications
    .filter((message) => message.readInt32LE(4) === 2 && message.readBigInt64LE(24) === -1n)
    .map((message) => Number(message.readBigUInt64LE(16)));
}

const entryValid = (name: string, parent = 1): number | undefined =>
  client
    .ask('LOOKUP', parent, undefined, {}, `${name}\0`)
    ?.body.u64(structs.ENTRY_OUT.at.entry_valid);

const getattr = (node: number, thread = 1) =>
  client.ask('GETATTR', node, structs.GETATTR_IN, {}, '', thread);

describe('a name', () => {
  test('is leased', () => {
    expect(entryValid('devices')).toBeGreaterThan(0);
  });

  test('is asked for at each use if the box is told so', () => {
    client = new FuseClient({ root, leases: false });
    expect(entryValid('devices')).toBe(0);
  });

  test('that is missing may appear at any time', () => {
    expect(client.ask('LOOKUP', 1, undefined, {}, 'x\0')?.error).toBe(ERRNO.ENOENT);
  });
});

describe('a removal', () => {
  test('makes the kernel forget the attributes of what it holds, from the top', () => {
    const ids = ['devices/region0', 'devices/region0/dax'].map((path) => client.walk(path));
    devices.remove('region0');
    expect(forgotten()).toEqual(ids);
  });

  test('says nothing of what the kernel does not hold', () => {
    client.walk('devices');
    devices.remove('region0');
    expect(client.notifications).toEqual([]);
  });

  test('leaves an open file below its attributes, for fstat', () => {
    const directory = client.walk('devices/region0');
    const file = client.walk('devices/region0/size');
    client.open('devices/region0/size');
    devices.remove('region0');
    expect(forgotten()).toEqual([directory]);
    expect(getattr(file)?.error).toBe(0);
  });

  test('takes the child of a source like any other', () => {
    const blocks = root.addDirectory('memory');
    const block = new KernfsFile('memory0', 0o444, {});
    blocks.addSource({ lookup: () => block, names: () => ['memory0'] });
    const id = client.walk('memory/memory0');
    blocks.dropSourced('memory0');
    expect(forgotten()).toEqual([id]);
  });

  test('holds back the answer while the kernel does not have the node yet', () => {
    const id = client.walk('devices/region0');
    client.notified = () => 'absent';
    devices.remove('region0');
    const answer = Uint8Array.of(1);
    expect([client.server.deliver(answer), client.server.deliver(answer)]).toEqual([true, false]);
    expect(late.map((each) => [each.answer, each.repeated.length, each.delay])).toEqual([
      [answer, 1, 0],
    ]);
    expect(Buffer.from(late[0]?.repeated[0] ?? []).readBigUInt64LE(16)).toBe(BigInt(id));
  });
});

describe('a request about a removed node', () => {
  const REQUESTS = {
    GETATTR: ['devices/region0', structs.GETATTR_IN, 0],
    SETATTR: ['devices/region0', structs.SETATTR_IN, 0],
    OPENDIR: ['devices/region0', structs.OPEN_IN, ERRNO.ENOENT],
    OPEN: ['devices/region0/size', structs.OPEN_IN, ERRNO.ENODEV],
    READLINK: ['devices/region0/driver', undefined, ERRNO.ENOENT],
  } as const;
  const ROWS = Object.entries(REQUESTS) as [
    keyof typeof REQUESTS,
    (typeof REQUESTS)[keyof typeof REQUESTS],
  ][];

  test.each(ROWS)('%s sends the walk back, and answers who comes again', (name, row) => {
    const [path, shape, ordinary] = row;
    const node = client.walk(path);
    devices.remove('region0');
    const ask = (thread: number) => client.ask(name, node, shape, {}, '', thread)?.error;
    expect([ask(1), ask(2), ask(1), ask(2)]).toEqual([
      ERRNO.ESTALE,
      ERRNO.ESTALE,
      ordinary,
      ordinary,
    ]);
  });

  test('sends back each walk that has looked up a name since', () => {
    const node = client.walk('devices/region0');
    devices.remove('region0');
    const look = () =>
      client.ask('LOOKUP', client.walk('devices'), undefined, {}, 'region0\0', 1)?.error;
    expect([getattr(node)?.error, look(), getattr(node)?.error]).toEqual([
      ERRNO.ESTALE,
      ERRNO.ENOENT,
      ERRNO.ESTALE,
    ]);
  });

  test('is answered as often as one try asks, and as soon', () => {
    const node = client.walk('devices/region0');
    devices.remove('region0');
    const errors = (count: number) => Array.from({ length: count }, () => getattr(node)?.error);
    expect(errors(6)).toEqual([ERRNO.ESTALE, 0, 0, 0, ERRNO.ESTALE, 0]);
    time += 2;
    expect(errors(2)).toEqual([ERRNO.ESTALE, 0]);
  });

  test('gets attributes that last for this one answer', () => {
    const node = client.walk('devices/region0');
    devices.remove('region0');
    getattr(node);
    expect(getattr(node)?.body.u64(structs.ATTR_OUT.at.attr_valid)).toBe(0);
  });

  test('is not sent back where names are asked for', () => {
    client = new FuseClient({ root, leases: false });
    const node = client.walk('devices/region0');
    devices.remove('region0');
    expect(getattr(node)?.error).toBe(0);
  });
});

test('a name that was made anew leads to the new node', () => {
  const old = client.walk('devices/region0');
  devices.remove('region0');
  addRegion();
  expect(getattr(old)?.error).toBe(ERRNO.ESTALE);
  const made = client.walk('devices/region0');
  expect([made === old, getattr(made)?.error]).toEqual([false, 0]);
});
