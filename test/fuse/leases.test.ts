// Leases of names, by what is asked and answered; test/box/names.test.ts has the kernel's side.
import { beforeEach, describe, expect, test } from 'vitest';
import { ERRNO } from '../../src/errno.ts';
import type { LateAnswer } from '../../src/fuse/late-answers.ts';
import * as structs from '../../src/fuse/wire/structs.ts';
import { type KernfsDirectory, KernfsFile, KernfsRoot } from '../../src/kernfs/node.ts';
import { FuseClient } from './fuse-client.ts';

let root: KernfsRoot;
let devices: KernfsDirectory;
let client: FuseClient;
let late: LateAnswer[];
let leasing: boolean;

/** region0/{size,dax/size} */
function addRegion(): void {
  const region = devices.addDirectory('region0');
  for (const directory of [region, region.addDirectory('dax')])
    directory.add(new KernfsFile('size', 0o444, { show: () => '1\n' }));
}

beforeEach(() => {
  root = new KernfsRoot();
  devices = root.addDirectory('devices');
  addRegion();
  late = [];
  leasing = true;
  client = new FuseClient({
    root,
    leasing: () => leasing,
    sendLate: (each) => void late.push(each),
  });
});

const ANSWER = Uint8Array.of(1);

/** Names that are taken back before `ANSWER`, each as number of the directory and name. */
function takenBack(): string[] {
  if (!client.server.deliver(ANSWER)) return [];
  expect(late.map((each) => [each.last, each.delay])).toEqual([[ANSWER, 0]]);
  return (late[0]?.notifications ?? []).map((bytes) => {
    const message = Buffer.from(bytes);
    expect(message.readInt32LE(4)).toBe(3);
    return `${message.readBigUInt64LE(16)} ${message.toString('latin1', 32, message.length - 1)}`;
  });
}

function entryValid(name: string): number | undefined {
  const answer = client.ask('LOOKUP', 1, undefined, {}, `${name}\0`);
  return answer?.body.u64(structs.ENTRY_OUT.at.entry_valid);
}

describe('a name', () => {
  test('is leased as soon as it may be', () => {
    leasing = false;
    expect(entryValid('devices')).toBe(0);
    leasing = true;
    expect(entryValid('devices')).toBe(3600);
  });

  test('is asked for at each use of a tree that tells no removals', () => {
    client = new FuseClient({ root });
    expect(entryValid('devices')).toBe(0);
  });

  test('that is missing may appear at any time', () => {
    expect(client.ask('LOOKUP', 1, undefined, {}, 'x\0')?.error).toBe(ERRNO.ENOENT);
  });
});

describe('a removal', () => {
  test('takes back the names of all that the kernel holds, from the top, once', () => {
    const [parent, region, dax] = ['devices', 'devices/region0', 'devices/region0/dax'].map(
      (path) => client.walk(path),
    );
    client.walk('devices/region0/dax/size');
    devices.remove('region0');
    expect(takenBack()).toEqual([`${parent} region0`, `${region} dax`, `${dax} size`]);
    expect(client.server.deliver(ANSWER)).toBe(false);
  });

  test('says nothing of what the kernel does not hold', () => {
    client.walk('devices');
    devices.remove('region0');
    expect(takenBack()).toEqual([]);
  });

  test('says nothing of names that are not leased', () => {
    leasing = false;
    const region = client.walk('devices/region0');
    leasing = true;
    client.ask('LOOKUP', region, undefined, {}, 'size\0');
    devices.remove('region0');
    expect(takenBack()).toEqual([`${region} size`]);
  });

  test('says nothing of what the kernel has forgotten', () => {
    const region = client.walk('devices/region0');
    client.ask('FORGET', region, structs.FORGET_IN, { nlookup: 1 });
    devices.remove('region0');
    expect(takenBack()).toEqual([]);
  });

  test('takes the child of a source like any other', () => {
    const blocks = root.addDirectory('memory');
    const block = new KernfsFile('memory0', 0o444, {});
    blocks.addSource({ lookup: () => block, names: () => ['memory0'] });
    const parent = client.walk('memory');
    client.walk('memory/memory0');
    blocks.dropSourced('memory0');
    expect(takenBack()).toEqual([`${parent} memory0`]);
  });
});
