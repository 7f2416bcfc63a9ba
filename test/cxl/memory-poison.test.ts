// Poison in media that is system memory: the device, the page allocator, the counters and the log
// together.
import { beforeEach, describe, expect, it } from 'vitest';
import { boot, loadMachine, MachineClient, SysfsError } from '../../src/index.ts';

const DEBUG = '/sys/kernel/debug';
const CXL = '/sys/bus/cxl';
const MEMORY = '/sys/devices/system/memory';
/** region0 of the machine `default`: one device, from DPA 0. */
const BASE = 0x190000000;
const FIRST_BLOCK = BASE / 2 ** 27;
const PAGE = 4096;

let client: MachineClient;
beforeEach(() => {
  client = new MachineClient(boot(loadMachine('default')));
});

async function write(path: string, text: string): Promise<string> {
  return client.write(path, text).then(
    () => 'ok',
    (error: unknown) => (error instanceof SysfsError ? error.errno : String(error)),
  );
}

/** region0 becomes system memory; `offline` leaves its blocks offline. */
async function systemMemory(type: 'online_movable' | 'online' | 'offline'): Promise<void> {
  await client.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
  await client.write(`${CXL}/devices/sysram_region0/online_type`, type);
  await client.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
}

const inject = (dpa: number): Promise<string> =>
  write(`${DEBUG}/cxl/mem0/inject_poison`, `0x${dpa.toString(16)}`);
const offlinePage = (way: 'soft' | 'hard', dpa: number): Promise<string> =>
  write(`${MEMORY}/${way}_offline_page`, `0x${(BASE + dpa).toString(16)}`);

async function corrupted(): Promise<number> {
  return (
    Number(/^HardwareCorrupted: +(\d+) kB$/m.exec(await client.read('/proc/meminfo'))?.[1]) / 4
  );
}

async function failures(): Promise<Record<string, number>> {
  const names = ['total', 'ignored', 'failed', 'delayed', 'recovered'];
  const node = '/sys/devices/system/node/node2/memory_failure';
  const values = await Promise.all(
    names.map(async (name) => [name, Number(await client.read(`${node}/${name}`))]),
  );
  return Object.fromEntries(values.filter(([, value]) => value !== 0));
}

async function log(word: string): Promise<string[]> {
  const text = await client.read(`${DEBUG}/cxlbox/log`);
  return text
    .split('\n')
    .filter((line) => line.includes(word))
    .map((line) => line.replace(/^\d+,\d+;/, ''));
}

async function workload(name: string, kind: string, size: string): Promise<void> {
  await client.write(`${DEBUG}/cxlbox/workload/create`, `${name} ${kind} ${size} node=2`);
}

const sizeOf = async (name: string): Promise<number> =>
  Number(await client.read(`${DEBUG}/cxlbox/workload/${name}/size`));

describe('poison of system memory', () => {
  it('takes the page from the workload that has it, counts, and says so', async () => {
    await systemMemory('online_movable');
    await workload('db', 'anon', '4000M');
    const before = await sizeOf('db');
    expect(await inject(0x201040)).toBe('ok');
    expect(await corrupted()).toBe(1);
    expect(await failures()).toEqual({ total: 1, recovered: 1 });
    expect(before - (await sizeOf('db'))).toBe(PAGE);
    expect(await log('uncorrected')).toEqual([
      'Hardware error: uncorrected memory error at 0x190201040 (mem0 dpa 0x201040, region0)',
    ]);
    expect(await log('Memory failure')).toEqual([
      "Memory failure: 0x190201: recovery action for dirty LRU page: Recovered: workload 'db' (anon) lost 1 pages",
    ]);
  });

  it('through the offset of a region as well', async () => {
    await client.write(`${CXL}/drivers/cxl_region/bind`, 'region0');
    const blocks = (await client.list(MEMORY)).filter((name) => name === `memory${FIRST_BLOCK}`);
    expect(blocks).toEqual([`memory${FIRST_BLOCK}`]);
    await client.write(`${MEMORY}/memory${FIRST_BLOCK}/state`, 'online_movable');
    expect(await write(`${DEBUG}/cxl/region0/inject_poison`, '0x1000')).toBe('ok');
    expect([await corrupted(), await failures()]).toEqual([1, { total: 1, recovered: 1 }]);
  });

  it.each([
    ['free', undefined, { total: 1, recovered: 1 }, 1, 'free buddy page: Recovered'],
    ['of the kernel', 'kernel', { total: 1, ignored: 1 }, 0, 'reserved kernel page: Ignored'],
    ['a huge page', 'hugetlb-2M', { total: 1, recovered: 1 }, 1, 'huge page: Recovered'],
  ] as const)('a page that is %s', async (_, kind, counters, pages, text) => {
    await systemMemory(kind === 'kernel' ? 'online' : 'online_movable');
    if (kind !== undefined) await workload('user', kind, '4000M');
    expect(await inject(0x8000000)).toBe('ok');
    expect(await failures()).toEqual(counters);
    expect(await corrupted()).toBe(pages);
    expect((await log('Memory failure')).join()).toContain(text);
  });

  it('is latent while the memory is offline, and while it is a dax device', async () => {
    await client.write(`${CXL}/drivers/cxl_devdax_region/bind`, 'region0');
    expect(await inject(0)).toBe('ok');
    await client.write(`${CXL}/drivers/cxl_devdax_region/unbind`, 'region0');
    await systemMemory('offline');
    expect(await inject(PAGE)).toBe('ok');
    expect([await corrupted(), await failures(), await log('emory failure')]).toEqual([0, {}, []]);
    expect(await write(`${MEMORY}/memory${FIRST_BLOCK}/state`, 'online_movable')).toBe('ok');
  });

  it('of a page that is poisoned already changes nothing and is told', async () => {
    await systemMemory('online_movable');
    await inject(0);
    expect(await inject(0x40)).toBe('ok');
    expect([await corrupted(), await failures()]).toEqual([1, { total: 1, recovered: 1 }]);
    expect((await log('already')).join()).toBe(
      'Memory failure: 0x190000: already hardware poisoned',
    );
  });

  it('a refused injection is none: the kernel hears of nothing', async () => {
    await systemMemory('online_movable');
    expect(await inject(0x41)).toBe('EINVAL');
    expect(await corrupted()).toBe(0);
  });
});

describe('poison, soft_offline_page and hard_offline_page', () => {
  it('count the same pages, each once', async () => {
    await systemMemory('online_movable');
    expect(await inject(0)).toBe('ok');
    expect(await offlinePage('soft', PAGE)).toBe('ok');
    expect(await offlinePage('hard', 2 * PAGE)).toBe('ok');
    expect(await corrupted()).toBe(3);
    // Soft offlining is no failure.
    expect(await failures()).toEqual({ total: 2, recovered: 2 });
    for (const page of [0, 1, 2]) {
      expect(await offlinePage('hard', page * PAGE)).toBe('EHWPOISON');
      expect(await offlinePage('soft', page * PAGE)).toBe('ok');
      expect(await inject(page * PAGE)).toBe('ok');
    }
    expect([await corrupted(), await failures()]).toEqual([3, { total: 2, recovered: 2 }]);
  });

  it('a block with such a page goes offline, and online again only after it was removed', async () => {
    await systemMemory('online_movable');
    await inject(0);
    const state = `${MEMORY}/memory${FIRST_BLOCK}/state`;
    expect(await write(state, 'offline')).toBe('ok');
    expect(await write(state, 'online_movable')).toBe('EHWPOISON');
    for (let block = 1; block < 32; block += 1)
      await client.write(`${MEMORY}/memory${FIRST_BLOCK + block}/state`, 'offline');
    await client.write(`${CXL}/drivers/cxl_dax_kmem_region/unbind`, 'sysram_region0');
    expect(await corrupted()).toBe(0);
    await client.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
    expect(await client.read(state)).toBe('online\n');
  });

  it('clearing poison clears the media; the page stays out of use', async () => {
    await systemMemory('online_movable');
    await inject(0);
    expect(await write(`${DEBUG}/cxl/mem0/clear_poison`, '0')).toBe('ok');
    expect(await corrupted()).toBe(1);
    expect(await offlinePage('hard', 0)).toBe('EHWPOISON');
  });
});
