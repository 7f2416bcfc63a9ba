// Which boxes are let in as hosts of a shared device, and what they give to others.
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SocketClient } from '../../src/sysfs-client/socket-client.ts';
import { BOX_USERS, lacksBox, lacksRoot, needs } from '../needs.ts';
import { finish, startProgram, USERS } from './box-process.ts';
import type { Ended } from './open-box.ts';
import { Host } from './shared-host.ts';
import { CLI, DAX, POOL, poolOfSuite, poolOfTest, poolPrograms } from './shared-pool.ts';

const program = poolPrograms();

describe.each(BOX_USERS)(
  'beside a host of $who, a box is not opened',
  needs(lacksBox()),
  ({ who }) => {
    let one: Host;
    const { root } = poolOfSuite(async (pool) => {
      one = pool.start(who, POOL, '--host', 'one');
      await one.run('true');
    });

    const refused = (machine: string, ...args: string[]): Promise<Ended> =>
      new Host(who, { root: root(), args: ['--machine', machine, ...args] }).leave();

    test('if its device is another one than that of the hosts', async () => {
      const { status, stderr } = await refused(program('twice.yaml'));
      expect(status).toBe(125);
      expect(stderr).toBe(
        "cxlbox: the hosts attached to a shared device see it with other sizes: 'pool' is 1GiB (ram 1GiB) on 'one', " +
          'but 2GiB (ram 2GiB) on this machine [CXLBOX_SHARED_MISMATCH]\n  what to do: give the device the same `ram`, ' +
          '`pmem` and `dynamic_ram_a` in all machine files, or another `shared` name; `cxlbox shared list` shows which hosts have which sizes\n',
      );
    });

    test('under the name of another host', async () => {
      const { status, stderr } = await refused(POOL, '--host', 'one');
      expect([status, stderr]).toEqual([
        125,
        expect.stringContaining('[CXLBOX_SHARED_HOST_TAKEN]'),
      ]);
    });

    test.each(['../x', 'mem1'])('under a name that cannot be one: %s', async (name) => {
      const { status, stderr } = await refused(POOL, '--host', name);
      expect([status, stderr]).toEqual([
        2,
        expect.stringContaining(`argument '${name}' is invalid`),
      ]);
    });

    const unfoldered = (folder: string): Promise<Ended> =>
      new Host(who, { root: folder, args: ['--machine', POOL] }).leave();

    test('where the folder cannot be made', async () => {
      const file = join(root(), 'file');
      writeFileSync(file, '');
      const { status, stderr } = await unfoldered(file);
      expect([status, stderr]).toEqual([125, expect.stringContaining('[CXLBOX_SHARED_FOLDER]')]);
      rmSync(file);
    });

    test('where folders cannot be made, and ends at once', async () => {
      const { status, stderr } = await unfoldered('/proc');
      expect([status, stderr]).toEqual([125, expect.stringContaining('[CXLBOX_SHARED_FOLDER]')]);
    });

    test('and the host goes on whatever its socket is told, and gives nothing but its /sys', async () => {
      const path = join(root(), 'pool', 'sockets', 'one');
      for (const line of ['null', '1', '[]', 'junk', '{"id":1,"operation":"read"}']) {
        const socket = createConnection(path);
        socket.write(`${line}\n`);
        await once(socket.resume(), 'close');
      }
      const client = await SocketClient.connect(path, { patience: 20_000 });
      expect(await client.read('/sys/bus/dax/devices/dax0.0/size')).toBe(`${2 ** 30}\n`);
      for (const outside of ['/proc/1/environ', '/sys/../proc/1/environ'])
        await expect(client.read(outside)).rejects.toMatchObject({ errno: 'EACCES' });
      client.close();
      expect(await one.run('echo still there')).toBe('still there\n');
    });
  },
);

describe('a device of somebody else', needs(lacksBox(), lacksRoot()), () => {
  const { root } = poolOfSuite((pool) => pool.start('root').run('true'));

  test('is not given to a box, which is told whose it is', async () => {
    const { status, stderr } = await new Host('user', {
      root: root(),
      args: ['--machine', POOL],
    }).leave();
    expect(status).toBe(125);
    expect(stderr).toContain(
      `only boxes of one user can share devices, and ${root()}/pool belongs to user 0: EACCES`,
    );
    expect(stderr).toContain('what to do: open all boxes that share a device as one user');
  });

  test.each([[[]], [['--json']]])('is mentioned by the list %j', async (json) => {
    const command = [process.execPath, CLI, 'shared', 'list', ...json];
    const listed = await finish(
      startProgram('user', command, { env: { CXLBOX_SHARED: root() } }),
      '',
    );
    expect(listed).toEqual({
      status: 0,
      stdout: json.length === 0 ? '' : '[]\n',
      stderr: `cxlbox: ${root()}/pool belongs to user 0 and is not shown: only boxes of one user can share devices\n`,
    });
  });
});

describe('a box that is opened in another way', () => {
  const { root } = poolOfTest();

  test('no tunable of libc makes a box wait for itself', needs(lacksBox()), async () => {
    // With it, every program reads /sys/kernel/mm/transparent_hugepage as it starts.
    const env = { CXLBOX_SHARED: root(), GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };
    const unbind = 'echo region0 > /sys/bus/cxl/drivers/cxl_devdax_region/unbind && echo unbound';
    const command = [process.execPath, CLI, 'run', '--machine', POOL, '--', 'sh', '-c', unbind];
    const child = startProgram(USERS[0] ?? 'user', command, { env });
    const bound = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const { stdout, stderr } = await finish(child, '');
    clearTimeout(bound);
    expect([stdout, stderr]).toEqual(['unbound\n', '']);
  });

  test(
    'a box that is opened in a second try is one host',
    needs(lacksBox(), lacksRoot()),
    async () => {
      const command = [
        process.execPath,
        CLI,
        'run',
        '-m',
        POOL,
        '--',
        'sh',
        '-c',
        `stat -L -c %s ${DAX}; echo $CXLBOX_HOST`,
      ];
      const noProc = { env: { CXLBOX_SHARED: root() }, before: 'mount -t tmpfs none /proc/fs' };
      const { stdout, stderr } = await finish(startProgram('user', command, noProc), '');
      expect([stdout, stderr]).toEqual(['1073741824\nhost0\n', '']);
    },
  );
});
