// Several boxes, one memory: as root and as an ordinary user, with the tools of this package's
// examples.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ANY_USER, BOX_USERS, lacksBox, lacksProgram, needs } from '../needs.ts';
import type { Ended } from './open-box.ts';
import type { Host } from './shared-host.ts';
import {
  CLI,
  DAX,
  POOL,
  poolOfSuite,
  poolOfTest,
  poolPrograms,
  sharedList,
} from './shared-pool.ts';

const COMPILER = needs(lacksProgram('cc'));

const program = poolPrograms();
const store = (at: string, text: string): string =>
  `${program('dax-map')} ${DAX} 0x400000 store:${at}:${text}`;
const load = (at: string, length: number): string =>
  `${program('dax-map')} ${DAX} 0x400000 load:${at}:${length}`;

const KILLS: readonly (readonly [string, (host: Host) => Promise<Ended>])[] = [
  ['outside', (host) => host.kill()],
  ['inside', (host) => host.killInside()],
];

describe.each(BOX_USERS)('two boxes of $who', needs(lacksBox()), ({ who }) => {
  let one: Host;
  let other: Host;
  const { root, start } = poolOfSuite(async (pool) => {
    [one, other] = [pool.start(who), pool.start(who, program('named.yaml'))];
    await Promise.all([one.run('true'), other.run('true')]);
  });
  const ring = (work: string): string => `${program('dax-ring')} ${DAX} ${work}`;

  test(
    'a mapping that is there already sees it: one page, two processes, two boxes',
    COMPILER,
    async () => {
      await one.run(ring('reset'));
      const seen = one.run(ring('consume 20000'));
      expect(await other.run(ring('produce 20000'))).toBe('produced 20000\n');
      expect(await seen).toBe('consumed 20000, 0 wrong\n');
    },
  );

  test('a checked box and a direct one see the same', COMPILER, async () => {
    const checked = start(who, POOL, '--dax-memory', 'checked');
    await checked.run(ring('reset'));
    const seen = checked.run(ring('consume 20000'));
    expect(await one.run(ring('produce 20000'))).toBe('produced 20000\n');
    expect(await seen).toBe('consumed 20000, 0 wrong\n');
    await checked.leave();
  });

  test(
    'contents persist over unbind and bind while another host has the device',
    COMPILER,
    async () => {
      const driver = '/sys/bus/cxl/drivers/cxl_devdax_region';
      await one.run(`${store('0', 'kept')}; echo region0 > ${driver}/unbind`);
      const [pool] = await sharedList(who, root());
      expect(pool?.hosts.map(({ claims }) => claims.length).sort()).toEqual([0, 1]);
      expect(await other.run(load('0', 4))).toBe('loaded kept\n');
      expect(await one.run(`echo region0 > ${driver}/bind; ${load('0', 4)}`)).toBe('loaded kept\n');
    },
  );
});

describe.each(BOX_USERS)('boxes of $who', needs(lacksBox()), ({ who }) => {
  const pool = poolOfTest();
  const { start } = pool;

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
      expect(readdirSync(pool.root())).toEqual([]);
      expect(await start(who).run(load('0x200000', 10))).toBe(`loaded ${'.'.repeat(10)}\n`);
    },
  );

  test.each(KILLS)(
    'a host that was killed %s leaves its name and its range to a third one',
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
      const [listed] = await sharedList(who, pool.root());
      expect(listed?.hosts.map(({ name }) => name)).toEqual(['host0', 'one']);
    },
  );
});

describe.each(ANY_USER)('hosts of $who, as of any user', needs(lacksBox()), ({ who }) => {
  let one: Host;
  let named: Host;
  const { root, start } = poolOfSuite(async (pool) => {
    [one, named] = [pool.start(who), pool.start(who, program('named.yaml'))];
    await Promise.all([one.run('true'), named.run('true')]);
  });

  test('it is the same memory where its names and addresses are others', COMPILER, async () => {
    const elsewhere = start(who, program('elsewhere.yaml'));
    await one.run(store('0x1000', 'here'));
    const loaded = await elsewhere.run(load('0x1000', 4).replace(DAX, '/dev/dax1.0'));
    expect(loaded).toBe('loaded here\n');
    const place = `${process.execPath} ${CLI} translate region0 offset 0x1000 --json`;
    const [here, there] = await Promise.all([
      one.run(place),
      elsewhere.run(place.replace('region0', 'region1')),
    ]);
    expect(JSON.parse(here)).toMatchObject({ memdev: 'mem0', dpa: 0x1000, hpa: 0x110001000 });
    expect(JSON.parse(there)).toMatchObject({ memdev: 'mem1', dpa: 0x1000, hpa: 0x150001000 });
    await elsewhere.leave();
  });

  test('the list tells hosts by the names they were given, and a box knows its own', async () => {
    const b = start(who, program('named.yaml'), '--host', 'b');
    const names = await Promise.all([one, named, b].map((host) => host.run('echo $CXLBOX_HOST')));
    expect(names).toEqual(['host0\n', 'from-file\n', 'b\n']);
    expect(await sharedList(who, root())).toMatchObject([
      {
        name: 'pool',
        partitions: { ram: 2 ** 30, pmem: 0 },
        hosts: ['b', 'from-file', 'host0'].map((name) => ({
          name,
          claims: [{ dax: 'dax0.0', start: 0, end: 2 ** 30 }],
        })),
      },
    ]);
    const inside = await one.run(`${process.execPath} ${CLI} shared list`);
    expect(inside).toContain('pool  1GiB (ram 1GiB)');
    expect(inside).toContain('\n  host0      dpa 0x0-0x3fffffff (1GiB) as dax0.0\n');
    await b.leave();
  });
});

describe.each(ANY_USER)('boxes of $who, as of any user', needs(lacksBox()), ({ who }) => {
  const pool = poolOfTest();
  const { start } = pool;

  test.each(KILLS)(
    'a host that was killed %s and was the last leaves nothing to the next',
    COMPILER,
    async (_, kill) => {
      const killed = start(who);
      await killed.run(store('0', 'old'));
      await kill(killed);
      expect(await start(who, program('twice.yaml')).run(load('0', 3))).toBe('loaded ...\n');
    },
  );

  test('a host that was killed is taken away by the list', async () => {
    const killed = start(who);
    await killed.run('true');
    await killed.kill();
    expect(readdirSync(pool.root())).toEqual(['pool']);
    expect(await sharedList(who, pool.root())).toEqual([]);
    expect(readdirSync(pool.root())).toEqual([]);
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
    const driver = '/sys/bus/dax/drivers/device_dax';
    const rebind = `echo dax0.0 > ${driver}/unbind; echo dax0.0 > ${driver}/bind`;
    expect(await half.run(`${rebind}; stat -L -c %s ${DAX}`)).toBe('536870912\n');
  });

  test('an interleaved device over shared memory cannot be opened', async () => {
    const host = start(who, program('interleaved.yaml'));
    expect(await host.run(`head -c1 ${DAX}`)).toContain('No such device or address');
    expect(await host.run(`${process.execPath} ${CLI} dmesg | grep err`)).toContain(
      'dax0.0: an interleaved device',
    );
  });
});
