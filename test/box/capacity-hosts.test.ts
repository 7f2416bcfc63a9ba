// A fabric manager outside and hosts that run: extents of one shared device come and go.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { installed, ROOT } from '../cxlbox.ts';
import { ANY_USER, BOX_USERS, lacksBox, lacksProgram, needs } from '../needs.ts';
import { finish, startProgram, type Who } from './box-process.ts';
import type { Host } from './shared-host.ts';
import { SharedRoot } from './shared-root.ts';

const CLI = join(ROOT, 'bin', 'cxlbox.js');
const MACHINE = join(ROOT, 'examples', 'dynamic-pool.yaml');
/** Shell text: the number of the process that serves the box. */
const SERVER = "$(grep -lz '^machine-process$' /proc/[0-9]*/cmdline | cut -d/ -f3)";
const DEVDAX = 'echo region0 > /sys/bus/cxl/drivers/cxl_devdax_region/bind';
const SYSRAM = `cd /sys/bus/cxl; echo region0 > drivers/cxl_sysram_region/bind
  echo online_movable > devices/sysram_region0/online_type
  echo sysram_region0 > drivers/cxl_dax_kmem_region/bind`;
const PERL = join(ROOT, 'examples', 'map-dax.pl');

let programs: string;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), 'cxlbox-capacity-'));
  chmodSync(programs, 0o777);
  if (!installed('cc')) return;
  const args = ['-O2', '-o', join(programs, 'dax-map'), join(ROOT, 'examples', 'dax-map.c')];
  expect(String(spawnSync('cc', args).stderr)).toBe('');
});
afterAll(() => rmSync(programs, { recursive: true }));

interface Hosts {
  shared(): SharedRoot;
  /** Starts a host and runs shell text in it, which prints nothing. */
  host(name: string, script: string, machine?: string): Promise<Host>;
  /** `cxlbox capacity ...`: its exit status, and all that it prints. */
  capacity(...args: readonly string[]): Promise<[number | null, string]>;
}

/** Hosts of one user, in a folder of shared devices for each test. */
function hostsOf(who: Who): Hosts {
  let shared: SharedRoot;
  beforeEach(() => {
    shared = new SharedRoot();
  });
  afterEach(() => shared.leave());
  return {
    shared: () => shared,
    host: async (name, script, machine = MACHINE) => {
      const made = shared.start(who, '--machine', machine, '--host', name);
      expect(await made.run(script)).toBe('');
      return made;
    },
    capacity: async (...args) => {
      const child = startProgram(who, [process.execPath, CLI, 'capacity', ...args], {
        env: { CXLBOX_SHARED: shared.path },
      });
      const { status, stdout, stderr } = await finish(child, '');
      return [status, stdout + stderr];
    },
  };
}

describe.each(BOX_USERS)('hosts of $who', needs(lacksBox()), ({ who }) => {
  const { host, capacity } = hostsOf(who);

  test('each makes of its extents what its driver says, at places apart', async () => {
    const [alpha, beta] = await Promise.all([host('alpha', SYSRAM), host('beta', DEVDAX)]);
    expect(await capacity('add', 'pool', '--size', '256MiB', '--host', 'alpha')).toEqual([
      0,
      'alpha  0x0 256MiB  dax0.0 (kmem)\n',
    ]);
    expect(await capacity('add', 'pool', '--size', '1GiB', '--host', 'beta')).toEqual([
      0,
      'beta  0x10000000 1GiB  dax0.0 (device_dax)\n',
    ]);
    expect(await alpha.run('cat /sys/devices/system/memory/memory5[01]/state')).toBe(
      'online\nonline\n',
    );
    expect(await beta.run('stat -L -c %s /dev/dax0.0')).toBe('1073741824\n');
    const [status, text] = await capacity('list', '--json');
    expect([status, JSON.parse(text)]).toMatchObject([
      0,
      [{ device: 'pool', size: 8 * 2 ** 30, free: 8 * 2 ** 30 - 1280 * 2 ** 20 }],
    ]);
    // What of all hosts is asked for is given back by those that do not use it.
    expect(await capacity('release', 'pool', '--all', '--host', 'beta')).toEqual([
      0,
      'beta  0x10000000 1GiB\n',
    ]);
    const [refused, why] = await capacity('release', 'pool', '--all');
    expect([refused, why]).toEqual([
      3,
      expect.stringContaining('alpha refuses: EBUSY: memory blocks of dax0.0'),
    ]);
    expect(await beta.run('ls /dev/dax* 2>/dev/null; true')).toBe('');
  });

  test(
    'what force took from one is never seen by it again: neither mapped before nor opened later',
    needs(lacksProgram('cc')),
    async () => {
      const [alpha, beta] = await Promise.all([host('alpha', DEVDAX), host('beta', DEVDAX)]);
      expect((await capacity('add', 'pool', '--size', '256MiB', '--host', 'alpha'))[1]).toContain(
        'alpha  0x0',
      );
      const [mapped, go, seen] = ['mapped', 'go', 'seen'].map((name) =>
        join(programs, `${name}-${who}`),
      );
      const map = `${join(programs, 'dax-map')} /dev/dax0.0 0x200000`;
      await alpha.run(`mkfifo -m 666 ${mapped} ${go}
        ${map} store:0:of-alpha 'run:echo > ${mapped}; read -r line < ${go}' load:0:8 load:0x1000:8 > ${seen} &
        read -r line < ${mapped}`);
      expect(await capacity('release', 'pool', '--all', '--force', '--host', 'alpha')).toEqual([
        0,
        'alpha  0x0 256MiB\n',
      ]);
      expect((await capacity('add', 'pool', '--size', '256MiB', '--host', 'beta'))[1]).toContain(
        'beta  0x0',
      );
      expect(await beta.run(`${map} load:0:8 store:0:of-beta`)).toBe('loaded ........\n');
      const bus = 'loaded SIGBUS at 0\nloaded SIGBUS at 0x1000\n';
      expect(await alpha.run(`echo > ${go}; wait; cat ${seen}`)).toBe(bus);
      const again = `${map} load:0:8 load:0x1000:8; stat -L -c %s /dev/dax0.0`;
      expect(await alpha.run(again)).toBe(`${bus}0\n`);
      // A driver that comes anew does not bring it back.
      const rebind =
        'cd /sys/bus/dax/drivers/device_dax; echo dax0.0 > unbind; echo dax0.0 > bind; cd /';
      expect(await alpha.run(`${rebind}; ${again}`)).toBe(`${bus}0\n`);
      expect(await beta.run(`${map} load:0:7`)).toBe('loaded of-beta\n');
    },
  );
});

describe.each(ANY_USER)('hosts of $who, as of any user', needs(lacksBox()), ({ who }) => {
  const { shared, host, capacity } = hostsOf(who);

  test('a shared extent is the same bytes in both', needs(lacksProgram('perl')), async () => {
    const [alpha, beta] = await Promise.all([host('alpha', DEVDAX), host('beta', DEVDAX)]);
    const [status, text] = await capacity(
      'add',
      'pool',
      '--size',
      '256MiB',
      '--host',
      'alpha',
      'beta',
    );
    const lines = text.trimEnd().split('\n');
    expect([status, lines.map((line) => line.replace(/[0-9a-f-]{36}/, 'TAG'))]).toEqual([
      0,
      ['alpha  0x0 256MiB TAG  dax0.0 (device_dax)', 'beta  0x0 256MiB TAG  dax0.0 (device_dax)'],
    ]);
    await alpha.run(`perl ${PERL} write /dev/dax0.0 0 8192`);
    expect(await beta.run(`perl ${PERL} check /dev/dax0.0 0 8192`)).toContain('found 2 pages');
    // Force takes it from one and leaves it to the other.
    await capacity('release', 'pool', '--all', '--force', '--host', 'alpha');
    expect(await beta.run(`perl ${PERL} check /dev/dax0.0 0 8192`)).toContain('found 2 pages');
  });

  test('what a killed host had is free again', async () => {
    const killed = await host('killed', DEVDAX);
    const other = await host('other', DEVDAX);
    await capacity('add', 'pool', '--size', '8GiB', '--host', 'killed');
    expect((await capacity('add', 'pool', '--size', '1GiB', '--host', 'other'))[1]).toContain(
      'has no room for an extent of 1GiB',
    );
    await killed.kill();
    expect(await capacity('add', 'pool', '--size', '1GiB')).toEqual([
      0,
      'other  0x0 1GiB  dax0.0 (device_dax)\n',
    ]);
    expect(await other.run('ls /dev/dax*')).toBe('/dev/dax0.0\n');
  });

  test('nothing is added while a box is stopped: what it has is not known', async () => {
    const stopped = await host('stopped', DEVDAX);
    await host('other', DEVDAX);
    await capacity('add', 'pool', '--size', '1GiB', '--host', 'stopped');
    const go = join(shared().path, 'go');
    try {
      await stopped.run(`box=${SERVER}; (until [ -e ${go} ]; do sleep 0.1; done; kill -CONT $box) > /dev/null 2>&1 &
        kill -STOP $box`);
      expect(await capacity('list', 'pool')).toEqual([
        0,
        'pool  8GiB of dynamic capacity, at most 8GiB free\n' +
          '  other (mem0)  nothing\n' +
          '  stopped  unknown: the box does not answer: is it stopped?\n',
      ]);
      expect(await capacity('add', 'pool', '--size', '1GiB', '--host', 'other')).toEqual([
        2,
        expect.stringContaining('host stopped cannot report which extents it has: '),
      ]);
    } finally {
      writeFileSync(go, '');
      await stopped.run('wait');
      rmSync(go);
    }
    expect((await capacity('add', 'pool', '--size', '1GiB', '--host', 'other'))[1]).toContain(
      'other  0x40000000 1GiB',
    );
  });

  test('a host whose dynamic partition is another one is not let in', async () => {
    await host('there', DEVDAX);
    const folder = mkdtempSync(join(tmpdir(), 'cxlbox-capacity-'));
    const machine = join(folder, 'other.yaml');
    writeFileSync(
      machine,
      `windows: [{targets: [12], size: 8GiB}]
host_bridges: [{uid: 12, root_ports: [{device: pool}]}]
devices: {pool: {ram: 8GiB, shared: pool}}
`,
    );
    chmodSync(folder, 0o755);
    const refused = shared().start(who, '--machine', machine);
    const { status, stderr } = await refused.ended;
    rmSync(folder, { recursive: true });
    expect(status).toBe(125);
    expect(stderr).toContain(
      "'pool' is 8GiB (dynamic_ram_a 8GiB) on 'there', but 8GiB (ram 8GiB) on this machine",
    );
  });

  test.each([
    [['add', 'pool', '--size', '1GiB'], "no running box has a shared device 'pool'"],
    [['add', 'mem0', '--size', '1GiB'], 'no mem0 with dynamic capacity'],
    [['add', 'pool', '--size', 'much'], "--size 'much' is not valid"],
    [['release', 'pool'], 'the capacity to release is not specified'],
  ])('without any: cxlbox capacity %j', async (args, message) => {
    const [status, text] = await capacity(...args);
    expect([status, text]).toEqual([2, expect.stringContaining(message)]);
  });
});
