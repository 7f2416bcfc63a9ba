// Several boxes, one memory: as root and as an ordinary user, with the tools of this package's
// examples.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SocketClient } from '../../src/sysfs-client/socket-client.ts';
import { installed, ROOT } from '../cxlbox.ts';
import { BOX_USERS, lacksBox, lacksProgram, lacksRoot, needs } from '../needs.ts';
import { finish, startProgram, USERS, type Who } from './box-process.ts';
import type { Ended } from './open-box.ts';
import { Host } from './shared-host.ts';
import { SharedRoot } from './shared-root.ts';

const CLI = join(ROOT, 'bin', 'cxlbox.js');
const POOL = join(ROOT, 'examples', 'shared-pool.yaml');
const DRIVER = '/sys/bus/dax/drivers/device_dax';
const COMPILER = needs(lacksProgram('cc'));

let programs: string;
const program = (name: string): string => join(programs, name);
let shared: SharedRoot;
let root: string;

/** Machine files of hosts that see the pool in another way. */
const MACHINES: Readonly<Record<string, (pool: string) => string>> = {
  'twice.yaml': (pool) => pool.replace('ram: 1GiB', 'ram: 2GiB'),
  'half.yaml': (pool) => pool.replace('devices: [pool],', 'devices: [pool], size: 512MiB,'),
  'elsewhere.yaml': (pool) =>
    pool
      .replace('{ device: pool }', '{ device: own }, { device: pool }')
      .replace('{ pool:', '{ own: { ram: 1GiB }, pool:')
      .replace('[{ devices', '[{ devices: [own], driver: cxl_sysram_region }, { devices'),
  'named.yaml': (pool) => `${pool}host: from-file\n`,
  'interleaved.yaml': (pool) =>
    pool
      .replace('{ device: pool }', '{ device: pool }, { device: own }')
      .replace('shared: pool }', 'shared: pool }, own: { ram: 1GiB }')
      .replace('devices: [pool]', 'devices: [pool, own]'),
};

beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), 'cxlbox-shared-'));
  chmodSync(programs, 0o755);
  const pool = readFileSync(POOL, 'utf8');
  for (const [name, change] of Object.entries(MACHINES)) {
    expect(change(pool), name).not.toBe(pool);
    writeFileSync(program(name), change(pool));
  }
  if (!installed('cc')) return;
  for (const name of ['dax-map', 'dax-ring', 'shared-files']) {
    const source = join(ROOT, 'examples', `${name}.c`);
    const args = ['-O2', '-Wall', '-Werror', '-o', program(name), source];
    expect(String(spawnSync('cc', args).stderr)).toBe('');
  }
});
afterAll(() => rmSync(programs, { recursive: true }));

beforeEach(() => {
  shared = new SharedRoot();
  root = shared.path;
});
afterEach(() => shared.leave());

function start(who: Who, machine = POOL, ...args: string[]): Host {
  return shared.start(who, '--machine', machine, ...args);
}

const DAX = '/dev/dax0.0';
const store = (at: string, text: string): string =>
  `${program('dax-map')} ${DAX} 0x400000 store:${at}:${text}`;
const load = (at: string, length: number): string =>
  `${program('dax-map')} ${DAX} 0x400000 load:${at}:${length}`;

async function list(
  who: Who,
): Promise<{ name: string; hosts: { name: string; claims: unknown[] }[] }[]> {
  const command = [process.execPath, CLI, 'shared', 'list', '--json'];
  const { stdout } = await finish(startProgram(who, command, { env: { CXLBOX_SHARED: root } }), '');
  return JSON.parse(stdout) as { name: string; hosts: { name: string; claims: unknown[] }[] }[];
}

describe.each(BOX_USERS)('boxes of $who', needs(lacksBox()), ({ who }) => {
  test(
    'what one stores the other loads, while both map it; the last one takes it along',
    COMPILER,
    async () => {
      const one = start(who);
      expect(await one.run(store('0x1000', 'from-one'))).toBe('');
      const other = start(who);
      expect(await other.run(`${load('0x1000', 8)}; ${store('0x200000', 'from-other')}`)).toBe(
        'loaded from-one\n',
      );
      expect(await one.run(load('0x200000', 10))).toBe('loaded from-other\n');
      expect((await one.leave()).status).toBe(0);
      const third = start(who);
      expect(await third.run(load('0x200000', 10))).toBe('loaded from-other\n');
      await Promise.all([other.leave(), third.leave()]);
      expect(readdirSync(root)).toEqual([]);
      expect(await start(who).run(load('0x200000', 10))).toBe(`loaded ${'.'.repeat(10)}\n`);
    },
  );

  test(
    'a mapping that is there already sees it: one page, two processes, two boxes',
    COMPILER,
    async () => {
      const [one, other] = [start(who), start(who)];
      const seen = one.run(`${program('dax-ring')} ${DAX} consume 20000`);
      expect(await other.run(`${program('dax-ring')} ${DAX} produce 20000`)).toBe(
        'produced 20000\n',
      );
      expect(await seen).toBe('consumed 20000, 0 wrong\n');
    },
  );

  test('it is the same memory where its names and addresses are others', COMPILER, async () => {
    const [one, other] = [start(who), start(who, program('elsewhere.yaml'))];
    await one.run(store('0x1000', 'here'));
    expect(await other.run(load('0x1000', 4).replace(DAX, '/dev/dax1.0'))).toBe('loaded here\n');
    const place = `${process.execPath} ${CLI} translate region0 offset 0x1000 --json`;
    const [here, there] = await Promise.all([
      one.run(place),
      other.run(place.replace('region0', 'region1')),
    ]);
    expect(JSON.parse(here)).toMatchObject({ memdev: 'mem0', dpa: 0x1000, hpa: 0x110001000 });
    expect(JSON.parse(there)).toMatchObject({ memdev: 'mem1', dpa: 0x1000, hpa: 0x150001000 });
  });

  test('a checked box and a direct one see the same', COMPILER, async () => {
    const [checked, direct] = [start(who, POOL, '--dax-memory', 'checked'), start(who)];
    const seen = checked.run(`${program('dax-ring')} ${DAX} consume 20000`);
    expect(await direct.run(`${program('dax-ring')} ${DAX} produce 20000`)).toBe(
      'produced 20000\n',
    );
    expect(await seen).toBe('consumed 20000, 0 wrong\n');
  });

  test(
    'contents persist over unbind and bind while another host has the device',
    COMPILER,
    async () => {
      const [one, other] = [start(who), start(who)];
      const driver = '/sys/bus/cxl/drivers/cxl_devdax_region';
      await other.run('true');
      await one.run(`${store('0', 'kept')}; echo region0 > ${driver}/unbind`);
      expect((await list(who))[0]?.hosts.map(({ claims }) => claims.length).sort()).toEqual([0, 1]);
      expect(await other.run(load('0', 4))).toBe('loaded kept\n');
      expect(await one.run(`echo region0 > ${driver}/bind; ${load('0', 4)}`)).toBe('loaded kept\n');
    },
  );

  test('the list tells hosts by the names they were given, and a box knows its own', async () => {
    const started = [
      start(who),
      start(who, program('named.yaml')),
      start(who, program('named.yaml'), '--host', 'b'),
    ];
    const names = await Promise.all(started.map((host) => host.run('echo $CXLBOX_HOST')));
    expect(names).toEqual(['host0\n', 'from-file\n', 'b\n']);
    expect(await list(who)).toMatchObject([
      {
        name: 'pool',
        partitions: { ram: 2 ** 30, pmem: 0 },
        hosts: ['b', 'from-file', 'host0'].map((name) => ({
          name,
          claims: [{ dax: 'dax0.0', start: 0, end: 2 ** 30 }],
        })),
      },
    ]);
    const inside = await started[0]?.run(`${process.execPath} ${CLI} shared list`);
    expect(inside).toContain('pool  1GiB (ram 1GiB)');
    expect(inside).toContain('\n  host0      dpa 0x0-0x3fffffff (1GiB) as dax0.0\n');
  });

  test('another part of what a host maps cannot be opened, until that host is gone', async () => {
    const whole = start(who, POOL, '--host', 'whole');
    await whole.run('true');
    const half = start(who, program('half.yaml'), '--host', 'half');
    const [first, second] = (await half.run(`echo $CXLBOX_HOST; head -c1 ${DAX}`))
      .trim()
      .split('\n');
    expect([first, second]).toEqual(['half', expect.stringContaining('No such device or address')]);
    const log = await half.run(`${process.execPath} ${CLI} dmesg | grep err`);
    expect(log).toContain(
      "dax0.0: dpa 0x0-0x1fffffff of shared device 'pool' overlaps 0x0-0x3fffffff, which host 'whole' maps as dax0.0; " +
        '/dev/dax0.0 cannot be opened\n',
    );
    await whole.leave();
    const rebind = `echo dax0.0 > ${DRIVER}/unbind; echo dax0.0 > ${DRIVER}/bind`;
    expect(await half.run(`${rebind}; stat -L -c %s ${DAX}`)).toBe('536870912\n');
  });

  test('whatever is said to its socket, a box goes on, and gives nothing but its /sys', async () => {
    const host = start(who, POOL, '--host', 'one');
    await host.run('true');
    const path = join(root, 'pool', 'sockets', 'one');
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
    expect(await host.run('echo still there')).toBe('still there\n');
  });

  test('an interleaved device over shared memory cannot be opened', async () => {
    const host = start(who, program('interleaved.yaml'));
    expect(await host.run(`head -c1 ${DAX}`)).toContain('No such device or address');
    expect(await host.run(`${process.execPath} ${CLI} dmesg | grep err`)).toContain(
      'dax0.0: an interleaved device',
    );
  });

  describe('a box is not opened', () => {
    const refused = async (machine: string, ...args: string[]): Promise<Ended> =>
      new Host(who, { root, args: ['--machine', machine, ...args] }).leave();

    test('if its device is another one than that of the hosts', async () => {
      await start(who).run('true');
      const { status, stderr } = await refused(program('twice.yaml'));
      expect(status).toBe(125);
      expect(stderr).toBe(
        "cxlbox: the hosts attached to a shared device see it with other sizes: 'pool' is 1GiB (ram 1GiB) on 'host0', " +
          'but 2GiB (ram 2GiB) on this machine [CXLBOX_SHARED_MISMATCH]\n  what to do: give the device the same `ram`, ' +
          '`pmem` and `dynamic_ram_a` in all machine files, or another `shared` name; `cxlbox shared list` shows which hosts have which sizes\n',
      );
    });

    test('under the name of another host', async () => {
      await start(who, POOL, '--host', 'one').run('true');
      const { status, stderr } = await refused(POOL, '--host', 'one');
      expect([status, stderr]).toEqual([
        125,
        expect.stringContaining('[CXLBOX_SHARED_HOST_TAKEN]'),
      ]);
    });

    test('where the folder cannot be made', async () => {
      const file = join(root, 'file');
      writeFileSync(file, '');
      const { status, stderr } = await new Host(who, {
        root: file,
        args: ['--machine', POOL],
      }).leave();
      expect([status, stderr]).toEqual([125, expect.stringContaining('[CXLBOX_SHARED_FOLDER]')]);
      rmSync(file);
    });

    test.each(['../x', 'mem1'])('under a name that cannot be one: %s', async (name) => {
      const { status, stderr } = await refused(POOL, '--host', name);
      expect([status, stderr]).toEqual([
        2,
        expect.stringContaining(`argument '${name}' is invalid`),
      ]);
    });

    test('where folders cannot be made, and ends at once', async () => {
      const { status, stderr } = await new Host(who, {
        root: '/proc',
        args: ['--machine', POOL],
      }).leave();
      expect([status, stderr]).toEqual([125, expect.stringContaining('[CXLBOX_SHARED_FOLDER]')]);
    });
  });

  describe('a host that was killed', () => {
    const KILLS: readonly (readonly [string, (host: Host) => Promise<Ended>])[] = [
      ['outside', (host) => host.kill()],
      ['inside', (host) => host.killInside()],
    ];

    test.each(KILLS)(
      '%s leaves its name and its range to a third one',
      COMPILER,
      async (_, kill) => {
        const killed = start(who, POOL, '--host', 'one');
        await killed.run(store('0', 'from-one'));
        const stays = start(who, program('half.yaml'));
        await stays.run('true');
        await kill(killed);
        const third = start(who, program('half.yaml'), '--host', 'one');
        expect(await third.run(`${load('0', 8)}; stat -L -c %s ${DAX}`)).toBe(
          'loaded from-one\n536870912\n',
        );
        expect((await list(who))[0]?.hosts.map(({ name }) => name)).toEqual(['host0', 'one']);
      },
    );

    test.each(KILLS)(
      '%s and was the last leaves nothing to the next',
      COMPILER,
      async (_, kill) => {
        const killed = start(who);
        await killed.run(store('0', 'old'));
        await kill(killed);
        expect(await start(who, program('twice.yaml')).run(load('0', 3))).toBe('loaded ...\n');
      },
    );

    test('is taken away by the list', async () => {
      const killed = start(who);
      await killed.run('true');
      await killed.kill();
      expect(readdirSync(root)).toEqual(['pool']);
      expect(await list(who)).toEqual([]);
      expect(readdirSync(root)).toEqual([]);
    });
  });
});

describe('a device of somebody else', needs(lacksBox(), lacksRoot()), () => {
  beforeEach(() => start('root').run('true'));

  test('is not given to a box, which is told whose it is', async () => {
    const { status, stderr } = await new Host('user', { root, args: ['--machine', POOL] }).leave();
    expect(status).toBe(125);
    expect(stderr).toContain(
      `only boxes of one user can share devices, and ${root}/pool belongs to user 0: EACCES`,
    );
    expect(stderr).toContain('what to do: open all boxes that share a device as one user');
  });

  test.each([[[]], [['--json']]])('is mentioned by the list %j', async (json) => {
    const command = [process.execPath, CLI, 'shared', 'list', ...json];
    const listed = await finish(
      startProgram('user', command, { env: { CXLBOX_SHARED: root } }),
      '',
    );
    expect(listed).toEqual({
      status: 0,
      stdout: json.length === 0 ? '' : '[]\n',
      stderr: `cxlbox: ${root}/pool belongs to user 0 and is not shown: only boxes of one user can share devices\n`,
    });
  });
});

test('no tunable of libc makes a box wait for itself', needs(lacksBox()), async () => {
  // With it, every program reads /sys/kernel/mm/transparent_hugepage as it starts.
  const env = { CXLBOX_SHARED: root, GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };
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
    const noProc = { env: { CXLBOX_SHARED: root }, before: 'mount -t tmpfs none /proc/fs' };
    const { stdout, stderr } = await finish(startProgram('user', command, noProc), '');
    expect([stdout, stderr]).toEqual(['1073741824\nhost0\n', '']);
  },
);

describe('the examples', needs(lacksBox()), () => {
  const who = USERS[0] ?? 'user';
  const page = readFileSync(join(ROOT, 'docs', 'dax-memory.md'), 'utf8');
  const blocks = (language: string): string[] =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
      (match) => match[1] ?? '',
    );

  test('the machine in the documentation is the one in the examples', () => {
    expect(blocks('yaml')).toContain(readFileSync(POOL, 'utf8'));
  });

  test('the list in the documentation is what is printed', async () => {
    await Promise.all(['one', 'other'].map((name) => start(who, POOL, '--host', name).run('true')));
    const command = [process.execPath, CLI, 'shared', 'list'];
    const { stdout } = await finish(
      startProgram(who, command, { env: { CXLBOX_SHARED: root } }),
      '',
    );
    expect(blocks('text')).toContain(stdout.replace(root, '/dev/shm/cxlbox-0'));
  });

  test('the session in the documentation is what happens', COMPILER, async () => {
    const session = blocks('text').find((text) => text.startsWith('one$')) ?? '';
    const boxes = new Map(['one', 'other'].map((name) => [name, start(who, POOL, '--host', name)]));
    await boxes.get('one')?.run('true');
    const steps = session.split(/^(?=\w+\$ )/m);
    expect(steps.length).toBeGreaterThan(4);
    for (const step of steps) {
      const [, host = '', command = '', printed = ''] =
        /^(\w+)\$ (.*)\n([\s\S]*)$/.exec(step) ?? [];
      expect(await boxes.get(host)?.run(command.replace('./', `${programs}/`)), command).toBe(
        printed,
      );
    }
  });

  test('the ring runs between two boxes', COMPILER, async () => {
    const script = join(ROOT, 'examples', 'shared-ring.sh');
    const env = { CXLBOX_SHARED: root, CXLBOX: `${process.execPath} ${CLI}` };
    const { status, stdout, stderr } = await finish(
      startProgram(who, ['sh', script, '200000'], { env }),
      '',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').sort()).toEqual(['', 'consumed 200000, 0 wrong', 'produced 200000']);
    expect(blocks('text')).toContain('produced 1000000\nconsumed 1000000, 0 wrong\n');
  });

  test(
    'files that the master writes are there on all hosts, which cannot write',
    COMPILER,
    async () => {
      const [master, reader] = [start(who, POOL, '--host', 'master'), start(who)];
      const files = `${program('shared-files')} ${DAX}`;
      await master.run('true');
      expect(await reader.run(`${files} list`)).toContain('is not formatted');
      const large = '{ head -c 4000000 /dev/zero; echo end; }';
      expect(
        await master.run(
          `${files} format; echo hello | ${files} put greeting; ${large} | ${files} put large`,
        ),
      ).toBe('');
      expect(
        await reader.run(`${files} list; ${files} cat greeting; ${files} cat large | tail -c 4`),
      ).toBe('greeting 6\nlarge 4000004\nhello\nend\n');
      expect(await reader.run(`echo x | ${files} put more; ${files} cat nothing`)).toBe(
        'shared-files: master: is the master; only it writes\nshared-files: nothing: there is no such file\n',
      );
      expect(await master.run(`echo more | ${files} put more`)).toBe('');
      expect(await reader.run(`${files} cat more`)).toBe('more\n');
    },
  );
});
