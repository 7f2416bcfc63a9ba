import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadMachine } from '../machine-files/load.ts';
import { boot } from '../platform/boot.ts';
import { HostClient } from './host-client.ts';
import { MachineClient } from './machine-client.ts';
import { SocketClient } from './socket-client.ts';
import type { SysfsClient, SysfsError } from './sysfs-client.ts';
import { serveSysfs } from './sysfs-server.ts';

const REGION = '/sys/bus/cxl/devices/region0';

let folder: string;
let path: string;
let local: MachineClient;
let server: Server;
let client: SocketClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-socket-'));
  path = join(folder, 'sysfs.sock');
  local = new MachineClient(boot(loadMachine('default')));
  server = await serveSysfs(local, path);
  client = await SocketClient.connect(path);
});
afterEach(async () => {
  client.close();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

test('reads, links and lists are those of the machine', async () => {
  expect(await client.read(`${REGION}/size`)).toBe(await local.read(`${REGION}/size`));
  expect(await client.readlink(REGION)).toBe(await local.readlink(REGION));
  expect(await client.list('/sys/bus/cxl/devices')).toEqual(
    await local.list('/sys/bus/cxl/devices'),
  );
});

test('a write changes the machine', async () => {
  await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0');
  expect(await local.list('/sys/bus/dax/devices')).toEqual(['dax0.0']);
});

test.each([
  ['read', `${REGION}/nothing`, 'ENOENT'],
  ['write', `${REGION}/size`, 'EBUSY'],
] as const)(
  'a refused %s is the errno and the reason of the machine',
  async (operation, at, errno) => {
    const attempt = (to: SocketClient | MachineClient): Promise<SysfsError> =>
      (operation === 'read' ? to.read(at) : to.write(at, '3')).then(
        () => {
          throw new Error('not refused');
        },
        (error: SysfsError) => error,
      );
    const [one, other] = [await attempt(client), await attempt(local)];
    expect([one.errno, one.operation, one.path, one.message]).toEqual([
      errno,
      operation,
      at,
      other.message,
    ]);
  },
);

test('requests may overlap', async () => {
  const paths = await client.list('/sys/bus/cxl/devices');
  const read = (each: SocketClient | MachineClient): Promise<string[]> =>
    Promise.all(paths.map((name) => each.read(`/sys/bus/cxl/devices/${name}/uevent`)));
  expect(await read(client)).toEqual(await read(local));
});

test('when the box ends, who waits learns it, and so does who asks later', async () => {
  const forever = new Promise<never>(() => {});
  const silent: SysfsClient = {
    read: () => forever,
    write: () => forever,
    readlink: () => forever,
    list: () => forever,
    watch: () => () => {},
  };
  const connections: Socket[] = [];
  const ending = await serveSysfs(silent, join(folder, 'silent.sock'));
  ending.on('connection', (socket: Socket) => connections.push(socket));
  const waiting = await SocketClient.connect(join(folder, 'silent.sock'));
  const read = waiting.read('/sys/x').catch((error: unknown) => error);
  while (connections.length === 0) await new Promise((later) => setImmediate(later));
  // As the end of a process does.
  for (const socket of connections) socket.destroy();
  ending.close();
  expect(await read).toMatchObject({ errno: 'EPIPE' });
  await expect(waiting.read('/sys/x')).rejects.toMatchObject({ errno: 'EPIPE' });
});

test.each([
  'junk',
  'null',
  '1',
  '[]',
  '"read"',
  '{}',
  '{"id":1,"operation":"unlink","path":"/"}',
  '{"id":1,"operation":"toString","path":"/"}',
  '{"id":1,"operation":["read"],"path":"/sys/x"}',
  '{"id":1,"operation":"read"}',
  '{"id":1,"operation":"read","path":1}',
  '{"id":"1","operation":"read","path":"/sys/x"}',
  '{"operation":"read","path":"/sys/x"}',
  '{"id":1,"operation":"write","path":"/sys/x","text":1}',
])('what is no request ends the connection, and that one only: %s', async (line) => {
  const socket = createConnection(path);
  socket.write(`${line}\n`);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await new Promise((closed) => socket.on('close', closed));
  expect(Buffer.concat(chunks).toString()).toBe('');
  expect(await client.readlink(REGION)).toBe(await local.readlink(REGION));
});

test.each([
  '/',
  '/etc/hostname',
  '/sys',
  '/system',
  'sys/x',
  '/sys/../etc/hostname',
  '/sys/bus/..',
])('a path that is not below /sys is refused, whatever is there: %s', async (outside) => {
  const asked: string[] = [];
  const all: SysfsClient = {
    read: async (at) => String(asked.push(at)),
    write: async (at) => void asked.push(at),
    readlink: async (at) => String(asked.push(at)),
    list: async (at) => [String(asked.push(at))],
    watch: () => () => {},
  };
  const serving = await serveSysfs(all, join(folder, 'all.sock'));
  const asking = await SocketClient.connect(join(folder, 'all.sock'));
  for (const refused of [
    asking.read(outside),
    asking.write(outside, 'x'),
    asking.readlink(outside),
    asking.list(outside),
  ])
    await expect(refused).rejects.toMatchObject({ errno: 'EACCES' });
  expect(asked).toEqual([]);
  asking.close();
  await new Promise((closed) => serving.close(closed));
});

test.each(['read', 'list', 'readlink'] as const)(
  'a NUL in a path is EINVAL: %s',
  async (operation) => {
    await expect(client[operation](`${REGION}\0/size`)).rejects.toMatchObject({ errno: 'EINVAL' });
    await expect(new HostClient()[operation]('/proc\0')).rejects.toMatchObject({ errno: 'EINVAL' });
  },
);

/** Resolves when the server has ended the connection. */
function dropped(socket: Socket): Promise<unknown> {
  socket.on('error', () => {});
  return new Promise((closed) => socket.on('close', closed));
}

test.each([
  ['of 1 MiB is read', 2 ** 20, true],
  ['of a byte more ends the connection', 2 ** 20 + 1, false],
])('a line without an end %s', async (_, length, taken) => {
  const socket = createConnection(path);
  const request = JSON.stringify({ id: 1, operation: 'readlink', path: REGION });
  const answered = new Promise<boolean>((done) => {
    socket.on('data', () => done(true));
    void dropped(socket).then(() => done(false));
  });
  socket.write(request.padEnd(length));
  socket.write(taken ? '\n' : '');
  expect(await answered).toBe(taken);
  socket.destroy();
  expect(await client.readlink(REGION)).toBe(await local.readlink(REGION));
});

test('a client that asks and never reads is dropped, and the others are served', async () => {
  const large: SysfsClient = {
    read: async () => 'x'.repeat(2 ** 20),
    write: async () => {},
    readlink: async () => '',
    list: async () => [],
    watch: () => () => {},
  };
  const connections: Socket[] = [];
  const serving = await serveSysfs(large, join(folder, 'large.sock'));
  serving.on('connection', (socket: Socket) => connections.push(socket));
  const deaf = createConnection(join(folder, 'large.sock')).pause();
  const ended = new Promise((closed) => serving.once('connection', (s) => s.on('close', closed)));
  const request = `${JSON.stringify({ id: 1, operation: 'read', path: '/sys/x' })}\n`;
  deaf.on('error', () => {});
  deaf.write(request.repeat(10_000));
  await ended;
  expect(connections.map(({ bytesRead }) => bytesRead > 0)).toEqual([true]);
  const other = await SocketClient.connect(join(folder, 'large.sock'));
  expect(await other.read('/sys/x')).toHaveLength(2 ** 20);
  other.close();
  deaf.destroy();
  await new Promise((closed) => serving.close(closed));
});

describe('a box that accepts and does not answer', () => {
  let mute: Server;
  let accepted: Socket[];
  beforeEach(async () => {
    accepted = [];
    // As a process that is stopped: it does not even see that the other side has ended.
    mute = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      accepted.push(socket),
    );
    await new Promise<void>((listening) => mute.listen(join(folder, 'mute.sock'), listening));
  });
  afterEach(() => {
    for (const socket of accepted) socket.destroy();
    mute.close();
  });

  test.each(['read', 'list', 'readlink'] as const)('is given up: %s', async (operation) => {
    const asking = await SocketClient.connect(join(folder, 'mute.sock'), { patience: 20 });
    await expect(asking[operation]('/sys/x')).rejects.toMatchObject({
      errno: 'ETIMEDOUT',
      reason: 'the box does not answer: is it stopped?',
    });
    asking.close();
  });

  test('does not keep a process that has closed its client', async () => {
    const module = new URL('../../dist/sysfs-client/socket-client.js', import.meta.url);
    const script = `import { SocketClient } from '${module}';
      const client = await SocketClient.connect('${join(folder, 'mute.sock')}', { patience: 20 });
      await client.read('/sys/x').catch(({ errno }) => process.stdout.write(errno));
      client.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const status = await new Promise((closed) => child.on('close', closed));
    expect([status, Buffer.concat(chunks).toString()]).toEqual([0, 'ETIMEDOUT']);
  });

  test('may take as long as it wants for a write', async () => {
    const asking = await SocketClient.connect(join(folder, 'mute.sock'), { patience: 20 });
    const write = asking.write('/sys/x', '1').catch((error: unknown) => error);
    // Asked after the write, given up before it is.
    await expect(asking.read('/sys/x')).rejects.toMatchObject({ errno: 'ETIMEDOUT' });
    await expect(asking.read('/sys/x')).rejects.toMatchObject({ errno: 'ETIMEDOUT' });
    for (const socket of accepted) socket.destroy();
    expect(await write).toMatchObject({ errno: 'EPIPE' });
  });

  test.each(['junk', 'null', '[]', '{"value":""}', '{"id":1}'])(
    'and says what is no response, is lost: %s',
    async (line) => {
      const asking = await SocketClient.connect(join(folder, 'mute.sock'));
      const read = asking.read('/sys/x').catch((error: unknown) => error);
      while (accepted.length === 0) await new Promise((later) => setImmediate(later));
      accepted[0]?.write(`${line}\n`);
      expect(await read).toMatchObject({ errno: 'EPIPE' });
    },
  );
});

test('no box listens: the errno of connect(2)', async () => {
  await expect(SocketClient.connect(join(folder, 'none.sock'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
