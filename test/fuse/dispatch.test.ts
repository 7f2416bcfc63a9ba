import { beforeEach, describe, expect, test } from 'vitest';
import { ERRNO, type Errno, KernelError } from '../../src/errno.ts';
import type { LateAnswer } from '../../src/fuse/late-answers.ts';
import type { Due } from '../../src/fuse/poll-watchers.ts';
import * as flags from '../../src/fuse/wire/flags.ts';
import { MESSAGES, type OpcodeName } from '../../src/fuse/wire/opcodes.ts';
import * as structs from '../../src/fuse/wire/structs.ts';
import { KernfsDirectory, KernfsFile, KernfsRoot, linkTo, pathOf } from '../../src/kernfs/node.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';
import { sortAsSysfs } from '../../src/kernfs/readdir-order.ts';
import { FuseClient } from './fuse-client.ts';

let root: KernfsRoot;
let directory: KernfsDirectory;
let client: FuseClient;
let events: string[];
let trace: string[];
let stored: string[];
let late: LateAnswer[];
/** What happens by itself before the next request. */
let dueNow: (() => void) | undefined;
let nextDue: Due | undefined;

beforeEach(() => {
  root = new KernfsRoot();
  directory = root.add(new KernfsDirectory('dir'));
  events = [];
  trace = [];
  stored = [];
  late = [];
  dueNow = undefined;
  nextDue = undefined;
  const store = (text: string): void => void stored.push(text);
  const busy = (): void => {
    throw new KernelError('EBUSY', 'in use');
  };
  const bug = (): never => {
    throw new TypeError('bug');
  };
  directory.add(new KernfsFile('value', 0o644, { show: () => `${'ab'.repeat(10)}\n`, store }));
  directory.add(new KernfsFile('busy', 0o200, { store: busy }));
  directory.add(new KernfsFile('bug', 0o644, { show: bug, store: bug }));
  directory.add(new KernfsFile('fixed', 0o444, { show: () => 'fixed\n' }));
  directory.add(
    new KernfsFile('blob', 0o444, { show: () => 'x'.repeat(10_000) }, { binary: true }),
  );
  root.add(linkTo('link', directory));
  client = new FuseClient({
    root,
    afterWrite: (file) => events.push(`after ${file.name}`),
    open: (file, access) =>
      access.write ? told(file, () => new OpenFile(file, access)) : new OpenFile(file, access),
    write: (open, text) => told(open.file, () => open.write(text)),
    fault: (error, operation) => events.push(`fault ${operation} ${String(error)}`),
    trace: (line) => trace.push(line),
    passTime: () => {
      const due = dueNow;
      dueNow = undefined;
      due?.();
      return due !== undefined;
    },
    nextDue: () => nextDue,
    sendLate: ({ last, ...rest }) =>
      void late.push({ ...rest, last: last && Uint8Array.from(last) }),
  });
});

/** What an owner of the tree is told of refusals. */
function told<T>(file: KernfsFile, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof KernelError)
      events.push(`refused ${pathOf(file)} ${error.errno}: ${error.reason}`);
    throw error;
  }
}

function errnoSent(action: () => unknown): number {
  try {
    action();
    return 0;
  } catch (error) {
    return (error as { errno: number }).errno;
  }
}

describe('INIT', () => {
  const init = (major: number, minor: number) =>
    client.ask('INIT', 0, structs.INIT_IN, {
      major,
      minor,
      flags: 0xffffffff,
      max_readahead: 4096,
    });

  test('picks from what the kernel offers and states its own minor version', () => {
    const body = init(7, 45)?.body;
    expect(body?.bodySize).toBe(64);
    expect(body?.u32(structs.INIT_OUT.at.minor)).toBe(31);
    expect(body?.u32(structs.INIT_OUT.at.flags)).toBe((1 << 3) | (1 << 5) | (1 << 18));
    expect(body?.u32(structs.INIT_OUT.at.max_write)).toBe(131072);
  });

  test('answers a newer major version with its own', () => {
    expect(init(8, 0)?.body.u32(structs.INIT_OUT.at.major)).toBe(7);
  });

  test('refuses kernels with an older layout', () => {
    expect(init(7, 22)?.error).toBe(ERRNO.EOPNOTSUPP);
  });
});

describe('nodes', () => {
  test('a live node keeps its number and a forgotten one gets a new one', () => {
    const first = client.walk('dir/value');
    expect(client.walk('dir/value')).toBe(first);
    client.ask('FORGET', first, structs.FORGET_IN, { nlookup: 1 });
    expect(client.walk('dir/value')).toBe(first);
    client.ask('FORGET', first, structs.FORGET_IN, { nlookup: 2 });
    expect(client.walk('dir/value')).not.toBe(first);
  });

  test('BATCH_FORGET drops all it names and wants no answer', () => {
    const ids = ['dir/value', 'dir/busy'].map((path) => client.walk(path));
    const held = client.server.held.nodes;
    const one = (id: number): string => {
      const bytes = Buffer.alloc(16);
      bytes.writeUInt32LE(id, 0);
      bytes.writeUInt32LE(1, 8);
      return bytes.toString('latin1');
    };
    const answer = client.ask(
      'BATCH_FORGET',
      0,
      structs.BATCH_FORGET_IN,
      { count: 2 },
      ids.map(one).join(''),
    );
    expect(answer).toBeUndefined();
    expect(client.server.held.nodes).toBe(held - 2);
  });

  test('the root is never forgotten', () => {
    client.ask('FORGET', 1, structs.FORGET_IN, { nlookup: 99 });
    expect(client.walk('dir')).toBeGreaterThan(1);
  });

  test('a node that was made anew is another node', () => {
    const before = client.walk('dir/value');
    directory.remove('value');
    directory.add(new KernfsFile('value', 0o644, { show: () => 'new\n' }));
    expect(client.walk('dir/value')).not.toBe(before);
  });

  test.each<[string, Errno]>([
    ['nothing', 'ENOENT'],
    ['dir/nothing', 'ENOENT'],
    ['dir/value/x', 'ENOTDIR'],
  ])('lookup of %s is %s', (path, errno) => {
    expect(errnoSent(() => client.walk(path))).toBe(ERRNO[errno]);
  });

  test('READLINK gives the relative target', () => {
    const body = client.ask('READLINK', client.walk('link'))?.body;
    expect(body?.text(0, body.bodySize)).toBe('dir');
  });
});

describe('attributes', () => {
  const attribute = (path: string, name: string): number =>
    client
      .ask('GETATTR', client.walk(path), structs.GETATTR_IN)
      ?.body.u32(structs.ATTR_OUT_ATTR + (structs.ATTR.at[name as 'mode'] ?? 0)) ?? -1;

  test.each<[string, number, number]>([
    ['dir', 0o040755, 0],
    ['dir/value', 0o100644, 4096],
    ['dir/blob', 0o100444, 0],
    ['link', 0o120777, 3],
  ])('%s has mode %o and size %d', (path, mode, size) => {
    expect([attribute(path, 'mode'), attribute(path, 'size')]).toEqual([mode, size]);
  });

  test('chmod, chown and utimes last, a size is ignored', () => {
    const valid =
      flags.FATTR.MODE |
      flags.FATTR.UID |
      flags.FATTR.SIZE |
      flags.FATTR.MTIME |
      flags.FATTR.ATIME_NOW;
    client.ask('SETATTR', client.walk('dir/value'), structs.SETATTR_IN, {
      valid,
      mode: 0o100600,
      uid: 7,
      mtime: 42,
    });
    const names = ['mode', 'uid', 'gid', 'size', 'mtime', 'atime'];
    expect(names.map((name) => attribute('dir/value', name))).toEqual([
      0o100600, 7, 0, 4096, 42, 1000,
    ]);
  });
});

describe('directories', () => {
  test('are listed in sysfs order, with dots and inode numbers that stat agrees with', () => {
    const entries = client.list('dir');
    expect(entries.map(({ name }) => name)).toEqual([
      '.',
      '..',
      ...sortAsSysfs([...directory.names()]),
    ]);
    expect(entries.every(({ ino }) => ino > 0)).toBe(true);
    const value = entries.find(({ name }) => name === 'value');
    const stat = client.ask('GETATTR', client.walk('dir/value'), structs.GETATTR_IN)?.body;
    expect(value?.ino).toBe(stat?.u64(structs.ATTR_OUT_ATTR + structs.ATTR.at.ino));
    expect([value?.type, client.list('').find(({ name }) => name === 'link')?.type]).toEqual([
      8, 10,
    ]);
  });

  test('are the same in small pieces', () => {
    expect(client.list('dir', 64)).toEqual(client.list('dir'));
  });
});

describe('files', () => {
  test('are read in pieces and again from the start', () => {
    const fh = client.open('dir/value');
    expect([
      client.read(fh, 0, 5),
      client.read(fh, 5),
      client.read(fh, 21),
      client.read(fh),
    ]).toEqual(['ababa', 'bababababababab\n', '', `${'ab'.repeat(10)}\n`]);
  });

  test('a binary file is longer than a page', () => {
    expect(client.read(client.open('dir/blob'), 0, 65536)).toHaveLength(10_000);
  });

  test('a write is one store, whatever its offset, and is settled before its answer', () => {
    const fh = client.open('dir/value', 1);
    expect(client.write(fh, 'one\n\0', 100)).toBe(5);
    expect(stored).toEqual(['one\n\0']);
    expect(events).toEqual(['after value']);
  });

  test('a write beyond a page is answered short', () => {
    expect(client.write(client.open('dir/value', 1), 'x'.repeat(5000))).toBe(4096);
  });

  test('a refusal gives its errno to the writer and its reason to the owner', () => {
    const fh = client.open('dir/busy', 1);
    expect(errnoSent(() => client.write(fh, '1'))).toBe(ERRNO.EBUSY);
    expect(events).toEqual(['refused /dir/busy EBUSY: in use', 'after busy']);
  });

  test('a fault is EIO and reported, and the server lives on', () => {
    const fh = client.open('dir/bug', 2);
    expect(errnoSent(() => client.read(fh))).toBe(ERRNO.EIO);
    expect(errnoSent(() => client.write(fh, '1'))).toBe(ERRNO.EIO);
    expect(events).toEqual([
      'fault READ TypeError: bug',
      'after bug',
      'fault WRITE TypeError: bug',
    ]);
    expect(client.walk('dir')).toBeGreaterThan(1);
  });

  test.each<[string, number, Errno]>([
    ['dir/busy', 0, 'EACCES'],
    ['dir/fixed', 1, 'EACCES'],
    ['dir/fixed', 2, 'EACCES'],
    ['dir', 0, 'EISDIR'],
  ])('open of %s with flags %d is %s', (path, openFlags, errno) => {
    expect(errnoSent(() => client.open(path, openFlags))).toBe(ERRNO[errno]);
  });

  test('a removed file is ENODEV to who has it open', () => {
    const fh = client.open('dir/value', 2);
    directory.remove('value');
    expect(errnoSent(() => client.read(fh))).toBe(ERRNO.ENODEV);
    expect(errnoSent(() => client.write(fh, 'x'))).toBe(ERRNO.ENODEV);
  });

  test('handles are closed and used again', () => {
    const fh = client.open('dir/value');
    client.ask('RELEASE', 0, structs.RELEASE_IN, { fh });
    expect(client.server.held.files).toBe(0);
    expect(errnoSent(() => client.read(fh))).toBe(ERRNO.EBADF);
    expect(client.open('dir/value')).toBe(fh);
  });
});

describe('POLL', () => {
  const poll = (fh: number): number =>
    client.ask('POLL', 0, structs.POLL_IN, { fh, kh: 0x1234, flags: 1 })?.body.u32(0) ?? 0;
  const NOTIFIED = flags.POLL_MASK.ERR | flags.POLL_MASK.PRI;

  test('reports an event to a descriptor that never read, and after a notification', () => {
    const fh = client.open('dir/value');
    expect(poll(fh) & NOTIFIED).toBe(NOTIFIED);
    client.read(fh);
    expect(poll(fh)).toBe(0x145);
    (directory.lookup('value') as KernfsFile).notify();
    expect(client.notifications.map((message) => message.toString('hex'))).toEqual([
      `18000000010000000000000000000000${'3412000000000000'}`,
    ]);
    expect(poll(fh) & NOTIFIED).toBe(NOTIFIED);
  });

  test('wakes once, and not after the file is closed', () => {
    const fh = client.open('dir/value');
    const file = directory.lookup('value') as KernfsFile;
    poll(fh);
    file.notify();
    file.notify();
    expect(client.notifications).toHaveLength(1);
    poll(fh);
    client.ask('RELEASE', 0, structs.RELEASE_IN, { fh });
    file.notify();
    expect(client.notifications).toHaveLength(1);
  });

  test('wakes the pollers of a file that a write removes', () => {
    const fh = client.open('dir/value');
    poll(fh);
    directory.remove('value');
    client.write(client.open('dir/bug', 1), '');
    expect(client.notifications).toHaveLength(1);
  });
});

describe('what happens by itself', () => {
  const state = (): KernfsFile => directory.lookup('value') as KernfsFile;
  const poll = (fh: number, kh: number): void =>
    void client.ask('POLL', 0, structs.POLL_IN, { fh, kh, flags: 1 });
  /** The kernel hands over a request, and the server is done with it. */
  const request = (): void => {
    client.walk('dir');
    client.server.deliver(undefined);
  };
  const wakeUp = (kh: string, milliseconds: number) => ({
    notifications: [],
    last: Uint8Array.from(Buffer.from(`18000000010000000000000000000000${kh}`, 'hex')),
    delay: milliseconds,
  });

  test('happens before the request that comes next, which sees it', () => {
    const fh = client.open('dir/value');
    client.read(fh);
    poll(fh, 1);
    dueNow = () => state().notify();
    client.walk('dir');
    expect(client.notifications).toHaveLength(1);
    dueNow = () => void directory.remove('fixed');
    expect(errnoSent(() => client.walk('dir/fixed'))).toBe(ERRNO.ENOENT);
  });

  test('wakes the pollers of what it removes', () => {
    const fh = client.open('dir/value');
    poll(fh, 1);
    dueNow = () => void directory.remove('value');
    client.walk('dir');
    expect(client.notifications).toHaveLength(1);
  });

  test('a fault of it is reported, and the request is served', () => {
    dueNow = () => {
      throw new TypeError('bug');
    };
    expect(client.walk('dir')).toBeGreaterThan(1);
    expect(events).toEqual(['fault delayed work TypeError: bug']);
  });

  test('each poller is woken when it is time, once', () => {
    const [one, two] = [client.open('dir/value'), client.open('dir/fixed')];
    poll(one, 1);
    request();
    expect(late).toEqual([]);
    nextDue = { at: 100, milliseconds: 70 };
    request();
    expect(late.splice(0)).toEqual([wakeUp('0100000000000000', 70)]);
    request();
    expect(late).toEqual([]);
    poll(two, 2);
    request();
    expect(late.splice(0)).toEqual([wakeUp('0200000000000000', 70)]);
  });

  test('a poller that was woken and asks again is woken again; an earlier time counts', () => {
    const fh = client.open('dir/value');
    nextDue = { at: 100, milliseconds: 70 };
    poll(fh, 1);
    request();
    nextDue = { at: 40, milliseconds: 10 };
    request();
    nextDue = { at: 100, milliseconds: 60 };
    request();
    expect(late.splice(0).map(({ delay }) => delay)).toEqual([70, 10]);
    poll(fh, 1);
    request();
    expect(late.map(({ delay }) => delay)).toEqual([60]);
  });

  test('a closed file wakes nothing', () => {
    const fh = client.open('dir/value');
    poll(fh, 1);
    client.ask('RELEASE', 0, structs.RELEASE_IN, { fh });
    nextDue = { at: 100, milliseconds: 70 };
    request();
    expect(late).toEqual([]);
  });
});

const REFUSED: readonly [OpcodeName | number, Errno][] = [
  ['CREATE', 'EACCES'],
  ['MKNOD', 'EPERM'],
  ['MKDIR', 'EPERM'],
  ['UNLINK', 'EPERM'],
  ['RMDIR', 'EPERM'],
  ['RENAME', 'EPERM'],
  ['RENAME2', 'EPERM'],
  ['LINK', 'EPERM'],
  ['SYMLINK', 'EPERM'],
  ['IOCTL', 'ENOTTY'],
  ['ACCESS', 'ENOSYS'],
  ['GETXATTR', 'ENOSYS'],
  ['LISTXATTR', 'ENOSYS'],
  ['FLUSH', 'ENOSYS'],
  ['FSYNC', 'ENOSYS'],
  ['STATX', 'ENOSYS'],
  [4096, 'ENOSYS'],
  [99, 'ENOSYS'],
];

test.each(REFUSED)('%s is %s', (name, errno) => {
  const shape = typeof name === 'string' ? MESSAGES[name].request : undefined;
  expect(client.ask(name, 1, shape, {}, 'name\0name\0')?.error).toBe(ERRNO[errno]);
});

test('INTERRUPT wants no answer; STATFS gives the longest name', () => {
  expect(client.ask('INTERRUPT', 0, structs.INTERRUPT_IN, { unique: 2 })).toBeUndefined();
  expect(client.ask('STATFS', 1)?.body.u32(structs.STATFS_OUT.at.namelen)).toBe(255);
});

test('a request that is shorter than its header is dropped', () => {
  expect(client.server.dispatch(10)).toBeUndefined();
});

test('the trace shows every request and every answer', () => {
  client.write(client.open('dir/value', 1), 'hello\n');
  client.list('dir');
  errnoSent(() => client.walk('nothing'));
  expect(trace.map((line) => line.replace(/ino=\d+/g, 'ino=N'))).toEqual([
    '> 2 LOOKUP node=1 "dir"',
    '< 2 LOOKUP ok nodeid=2 attr_valid=3600 ino=N atime=1000 mtime=1000 ctime=1000 mode=040755 nlink=1 blksize=4096',
    '> 4 LOOKUP node=2 "value"',
    '< 4 LOOKUP ok nodeid=3 attr_valid=3600 ino=N size=4096 atime=1000 mtime=1000 ctime=1000 mode=0100644 nlink=1 blksize=4096',
    '> 6 OPEN node=3 flags=0x1',
    '< 6 OPEN ok open_flags=0x1',
    '> 8 WRITE node=0 size=6 "hello\\n"',
    '< 8 WRITE ok size=6',
    '> 10 LOOKUP node=1 "dir"',
    expect.stringMatching(/^< 10 LOOKUP ok nodeid=2 /),
    '> 12 OPENDIR node=2',
    '< 12 OPENDIR ok',
    '> 14 READDIR node=0 size=4096',
    expect.stringMatching(/^< 14 READDIR ok 7 entries \. \.\. \w+ \w+ \.\.\.$/),
    '> 16 READDIR node=0 offset=7 size=4096',
    '< 16 READDIR ok 0 entries',
    '> 18 RELEASEDIR node=0',
    '< 18 RELEASEDIR ok',
    '> 20 LOOKUP node=1 "nothing"',
    '< 20 LOOKUP ENOENT',
  ]);
});
