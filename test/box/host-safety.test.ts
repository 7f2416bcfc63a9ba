// What root in a box can do to the host: the files of /sys and /proc, devices, mounts, the
// processes of cxlbox itself.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SocketClient } from '../../src/sysfs-client/socket-client.ts';
import { cxlbox, ROOT } from '../cxlbox.ts';
import { USERS } from './box-process.ts';
import { boxOfSuite } from './open-box.ts';
import { SharedRoot } from './shared-root.ts';

const OPENING = fileURLToPath(new URL('./open-for-writing.mjs', import.meta.url));
const POOL = join(ROOT, 'examples', 'dynamic-pool.yaml');

/** Writing what was read changes nothing, if it is let through. */
const SAFE = [
  '/proc/sys/vm/swappiness',
  '/proc/sys/kernel/hostname',
  '/sys/kernel/mm/transparent_hugepage/khugepaged/defrag',
  '/sys/devices/system/cpu/cpu1/online',
  '/sys/devices/system/cpu/smt/control',
].filter((path) => existsSync(path));

/** Shell text: its process id. */
const MACHINE = "$(grep -lz '^machine-process$' /proc/[0-9]*/cmdline | cut -d/ -f3)";

const rewrite = (path: string): string =>
  `value=$(cat ${path}); echo "$value" > ${path} && echo ${path}`;

describe.skipIf(!USERS.includes('root'))('root in a box', () => {
  const run = boxOfSuite();
  const inBox = async (script: string): Promise<string> => {
    const { stdout, stderr } = await run(script);
    return stdout + stderr;
  };

  test('opens no file of the host in /sys and /proc for writing', async () => {
    const command = `${process.execPath} ${OPENING} /sys /proc /proc/self/net`;
    expect(await run(command)).toEqual({ status: 0, stderr: '', stdout: '' });
  });

  test('does not write even what is there already', async () => {
    const before = SAFE.map((path) => readFileSync(path, 'latin1'));
    const { stdout } = await run(SAFE.map(rewrite).join('\n'));
    expect(stdout).toBe('');
    expect(SAFE.map((path) => readFileSync(path, 'latin1'))).toEqual(before);
  });

  test('makes no group of processes', async () => {
    expect(await inBox('mkdir /sys/fs/cgroup/*/cxlbox-test /sys/fs/cgroup/cxlbox-test')).not.toBe(
      '',
    );
    expect(existsSync('/sys/fs/cgroup/cxlbox-test')).toBe(false);
  });

  test('sees no device of the host but those that programs need to run', async () => {
    // By stat: the directory itself lists what is bound there as files.
    const script =
      'cd /dev; for f in * .[!.]* cxl/* .nodes/*; do ' +
      'test -b $f -o -c $f && stat -L -c "%n %t:%T" $f; done';
    const devices = (await inBox(script))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '));
    const isNode = (name = ''): boolean => name.includes('/');
    const known = ['full', 'fuse', 'null', 'ptmx', 'random', 'tty', 'urandom', 'zero'];
    expect(devices.map(([name]) => name).filter((name) => !isNode(name))).toEqual(known);
    // Memory devices are the null device by another name, for the bridge.
    const nodes = devices.filter(([name]) => isNode(name));
    expect(nodes).toEqual(
      ['cxl/mem0', 'cxl/mem1', '.nodes/mem0', '.nodes/mem1'].map((name) => [name, '1:3']),
    );
  });

  test.each([
    ['make a device', 'mknod /tmp/cxlbox-node c 1 3'],
    ['mount the host’s /sys', 'mount -t sysfs none /mnt'],
    ['mount it for a network of its own', 'unshare --net mount -t sysfs none /mnt'],
    ['mount /proc', 'mount -t proc none /mnt'],
    ['mount it for processes of its own', 'unshare --pid --fork mount -t proc none /mnt'],
    ['mount debugfs', 'mount -t debugfs none /mnt'],
    ['make /proc/sys writable', 'mount -o remount,rw,bind /proc/sys'],
    ['make processors writable', 'mount -o remount,rw,bind /sys/devices/system/cpu'],
    ['take /proc/sys off', 'umount -l /proc/sys'],
    ['take /sys off', 'umount -l /sys'],
    ['clear the log of the kernel', 'dmesg --clear'],
    ['set a network device', 'ip link set lo mtu 65000'],
  ])('cannot %s', async (_, script) => {
    expect(await inBox(`${script} && echo done`)).not.toContain('done');
  });

  describe.each([
    ['the keeper', '$FIRST'],
    ['the process of the machine', MACHINE],
  ])('%s', (_, pid) => {
    test.each([
      ['see its memory', 'head -c1 /proc/$pid/environ'],
      ['see what it has open', 'readlink /proc/$pid/fd/0'],
      ['open what it has open', 'head -c0 < /proc/$pid/fd/2'],
      ['see with its eyes', 'ls /proc/$pid/root/'],
      ['join it', 'nsenter --target $pid --mount true'],
    ])('is there, and root cannot %s', async (_, script) => {
      const out = await inBox(`pid=${pid}; kill -0 $pid && echo there; ${script} && echo done`);
      expect(out).toContain('there');
      expect(out).not.toContain('done');
    });

    test('cannot be debugged', async () => {
      const script = `pid=${pid}; kill -USR1 $pid; sleep 0.3; cat /sys/bus/cxl/devices/region0/commit`;
      expect(await inBox(script)).toBe('1\n');
    });
  });

  test('is root where files are concerned, and for users of its own', async () => {
    const script =
      'stat -c %U /etc/passwd; f=$(mktemp); chown 12345:23456 $f; stat -c %u:%g $f; rm $f; ' +
      'setpriv --reuid 12345 --regid 23456 --clear-groups id -u';
    expect(await inBox(script)).toBe('root\n12345:23456\n12345\n');
  });

  test('has terminals, users of its own too', async () => {
    const script = 'setpriv --reuid 12345 --regid 23456 --clear-groups script -qec tty /dev/null';
    expect(await inBox(script)).toMatch(/^\/dev\/pts\/\d+\r\n$/);
  });

  test('does not change the host by its socket', async () => {
    const shared = new SharedRoot();
    const host = shared.start('root', '--machine', POOL, '--host', 'alpha');
    await host.run('true');
    const client = await SocketClient.connect(join(shared.path, 'pool', 'sockets', 'alpha'));
    for (const path of SAFE.filter((each) => each.startsWith('/sys/')))
      await expect(client.write(path, await client.read(path))).rejects.toMatchObject({
        errno: 'EROFS',
      });
    client.close();
    await shared.leave();
  });

  test('may all that if it is asked for', () => {
    const path = '/proc/sys/vm/swappiness';
    const { stdout } = cxlbox(['run', '--allow-host-writes', '--', 'sh', '-c', rewrite(path)]);
    expect(stdout).toBe(`${path}\n`);
  });
});
