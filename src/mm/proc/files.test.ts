import { describe, expect, it } from 'vitest';
import { NODE, TestMachine } from '../../../test/mm/machine.ts';

function section(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  const next = lines.findIndex((line, index) => index > start && line.startsWith('Node '));
  return lines.slice(start, next < 0 ? undefined : next);
}

describe('/proc/zoneinfo', () => {
  it('shows all zones of the online nodes; an empty one stops after its protection', () => {
    const machine = new TestMachine();
    machine.add(0, 1);
    const text = machine.read('/proc/zoneinfo');
    expect(text.match(/^Node /gm)).toHaveLength(15);
    expect(section(text, 'Node 2, zone  Movable')).toEqual([
      'Node 2, zone  Movable',
      '  pages free     0',
      '        boost    0',
      '        min      32',
      '        low      32',
      '        high     32',
      '        promo    32',
      '        spanned  0',
      '        present  0',
      '        managed  0',
      '        cma      0',
      '        protection: (0, 0, 0, 0, 0)',
    ]);
  });

  it('a populated zone, counters of the node in the first', () => {
    const machine = new TestMachine();
    machine.add(0, 8, { onlineType: 'online_movable' });
    const lines = section(machine.read('/proc/zoneinfo'), 'Node 2, zone  Movable');
    expect(lines.slice(1, 3)).toEqual(['  per-node stats', '      nr_inactive_anon 0']);
    expect(lines).toEqual(
      expect.arrayContaining([
        '      nr_mapped    0',
        '      nr_gpu_reclaim 0',
        '  pages free     262144',
        '        min      128',
        '        spanned  262144',
        '        present  262144',
        '        managed  262144',
        '      nr_free_pages 262144',
        '  pagesets',
        '    cpu: 1',
        '  start_pfn:           1638400',
      ]),
    );
  });

  it('watermarks and reserves as a real machine of this shape has them', () => {
    const text = new TestMachine().read('/proc/zoneinfo');
    expect(section(text, 'Node 0, zone      DMA')).toContain(
      '        protection: (0, 1893, 1893, 1893, 1893)',
    );
    const marks = section(text, 'Node 1, zone   Normal').filter((line) =>
      /^ +(min|low|high) /.test(line),
    );
    expect(marks).toEqual([
      '        min      8491',
      '        low      10613',
      '        high     12735',
    ]);
  });
});

describe('/proc/buddyinfo', () => {
  it('what is taken leaves upper halves behind', () => {
    const machine = new TestMachine();
    machine.add(0, 8, { onlineType: 'online_movable' });
    machine.occupy(machine.zone(2, 'Movable'), 1);
    const line = machine.read('/proc/buddyinfo').split('\n')[3];
    expect(line).toBe(`Node 2, zone  Movable ${'     1 '.repeat(10)}   255 `);
  });

  it('populated zones only, in columns', () => {
    const machine = new TestMachine();
    machine.add(0, 8, { onlineType: 'online_movable' });
    const lines = machine.read('/proc/buddyinfo').split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[3]).toBe(`Node 2, zone  Movable ${'     0 '.repeat(10)}   256 `);
  });
});

it('/proc/pagetypeinfo is for root, and counts the pageblocks', () => {
  const machine = new TestMachine();
  machine.add(0, 8, { onlineType: 'online_movable' });
  expect(machine.kernel.proc.lookup('pagetypeinfo')?.mode).toBe(0o400);
  const text = machine.read('/proc/pagetypeinfo');
  expect(
    text.startsWith(
      'Page block order: 9\nPages per block:  512\n\nFree pages count per migrate type at order ',
    ),
  ).toBe(true);
  expect(text).toContain(
    `Node    2, zone  Movable, type      Movable ${'     0 '.repeat(10)}   256 \n`,
  );
  expect(text).toContain(
    `Node 2, zone  Movable            0          512 ${'           0 '.repeat(4)}\n`,
  );
});

it('/proc/meminfo follows online and add', () => {
  const machine = new TestMachine();
  const figure = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(machine.read('/proc/meminfo'))?.[1]);
  const [total, free, mapped] = [figure('MemTotal'), figure('MemFree'), figure('DirectMap2M')];
  machine.add(0, 4);
  expect(figure('MemTotal')).toBe(total);
  expect(figure('DirectMap2M') - mapped).toBe(512 * 1024);
  expect(free - figure('MemFree')).toBe(8192);
  machine.state(0, 'online');
  expect(figure('MemTotal') - total).toBe(131072);
  expect(machine.read('/proc/meminfo')).toMatch(/^HardwareCorrupted: {5}0 kB$/m);
  expect(machine.read('/proc/meminfo')).toMatch(/^HugePages_Total: {7}0$/m);
});

it('/proc/vmstat starts and ends as the kernel prints it', () => {
  const lines = new TestMachine().read('/proc/vmstat').trim().split('\n');
  expect(lines[0]).toMatch(/^nr_free_pages \d+$/);
  expect(lines.at(-1)).toBe('nr_unstable 0');
  expect(lines).toContain('nr_memmap_boot_pages 16384');
});

describe('node files', () => {
  it('meminfo in exact columns', () => {
    const machine = new TestMachine();
    machine.add(0, 8, { onlineType: 'online_movable' });
    const lines = machine.read(`${NODE}/node2/meminfo`).split('\n');
    expect(lines).toHaveLength(41);
    expect(lines.slice(0, 3)).toEqual([
      'Node 2 MemTotal:        1048576 kB',
      'Node 2 MemFree:         1048576 kB',
      'Node 2 MemUsed:               0 kB',
    ]);
    expect(lines[30]).toBe('Node 2 ShmemPmdMapped:        0 kB');
    expect(lines.slice(37)).toEqual([
      'Node 2 HugePages_Total:     0',
      'Node 2 HugePages_Free:      0',
      'Node 2 HugePages_Surp:      0',
      '',
    ]);
  });

  it.each([
    [
      'numastat',
      'numa_hit 0\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\nlocal_node 0\nother_node 0\n',
    ],
    ['cpulist', '\n'],
    ['cpumap', '0\n'],
    ['distance', '20 20 10\n'],
  ])('%s of a node without processors', (name, text) => {
    const machine = new TestMachine();
    machine.add(0, 1);
    expect(machine.read(`${NODE}/node2/${name}`)).toBe(text);
  });

  it.each([
    ['compact', 'anything', 'ok'],
    ['reclaim', '0', 'ok'],
    ['reclaim', '1M', 'EAGAIN'],
    ['reclaim', 'garbage', 'EAGAIN'],
  ])('%s %s: %s', (name, text, errno) => {
    expect(new TestMachine().write(`${NODE}/node0/${name}`, text)).toBe(errno);
  });

  it('only node 0 goes without the leading space', () => {
    const machine = new TestMachine({
      nodes: [{ id: 1, cpus: [0], memory: [{ start: 4 * 2 ** 30, size: 2 * 2 ** 30 }] }],
      systemRam: [{ start: 4 * 2 ** 30, size: 2 * 2 ** 30 }],
    });
    expect(machine.read(`${NODE}/node1/distance`)).toBe(' 10\n');
  });
});
