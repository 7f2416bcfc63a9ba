import { describe, expect, it } from 'vitest';
import { BLOCK, FIRST, GIB, MEMORY, MIB, NODE, TestMachine } from '../../../test/mm/machine.ts';

const WORKLOAD = '/sys/kernel/debug/cxlbox/workload';
const PAGES = BLOCK / 4096;

/** A machine with a Movable node 2 of four blocks. */
function movableMachine(): TestMachine {
  const machine = new TestMachine();
  machine.add(0, 4, { onlineType: 'online_movable' });
  return machine;
}

function create(machine: TestMachine, text: string): string {
  return machine.write(`${WORKLOAD}/create`, text);
}

function figure(machine: TestMachine, path: string, name: string): number {
  const line = machine
    .read(path)
    .split('\n')
    .find((each) => each.replace(/^Node \d+ /, '').startsWith(name));
  return Number(/(\d+)(?: kB)?$/.exec(line ?? '')?.[1]);
}

function log(machine: TestMachine): string {
  return machine.kernel.log
    .lines()
    .map((line) => line.text)
    .join('\n');
}

describe('create', () => {
  it.each([
    ['db anon 512M', 'ok'],
    ['db anon 512M\n', 'ok'],
    ['db anon 1048576 node=0 policy=preferred cpu=1', 'ok'],
    ['db anon 0', 'ok'],
    ['db anon', 'EINVAL'],
    ['', 'ok'],
    ['db stack 1M', 'EINVAL'],
    ['db anon 1X', 'EINVAL'],
    ['db anon -1', 'EINVAL'],
    ['db anon 1M node=', 'EINVAL'],
    ['db anon 1M node=7', 'EINVAL'],
    ['db anon 1M node=0 node=1', 'EINVAL'],
    ['db anon 1M policy=local', 'EINVAL'],
    ['db anon 1M policy=bind', 'EINVAL'],
    ['db anon 1M node=0 policy=default', 'EINVAL'],
    ['db anon 1M cpu=3', 'EINVAL'],
    ['db hugetlb-2M 1M', 'EINVAL'],
    ['a/b anon 1M', 'EINVAL'],
    ['.. anon 1M', 'EINVAL'],
    ['create anon 1M', 'EEXIST'],
    ['db anon 1T', 'ENOMEM'],
  ])('%j: %s', (text, errno) => {
    const machine = movableMachine();
    const free = figure(machine, '/proc/meminfo', 'MemFree');
    expect(create(machine, text)).toBe(errno);
    if (errno !== 'ok') expect(figure(machine, '/proc/meminfo', 'MemFree')).toBe(free);
    expect(machine.exists(`${WORKLOAD}/db`)).toBe(errno === 'ok' && text !== '');
  });

  it('a name is taken until the workload ends', () => {
    const machine = movableMachine();
    const free = machine.mm.nodes.node(0).free;
    expect(create(machine, 'db anon 300M')).toBe('ok');
    expect(create(machine, 'db anon 1M')).toBe('EEXIST');
    expect(machine.write(`${WORKLOAD}/delete`, 'db\n')).toBe('ok');
    expect(machine.write(`${WORKLOAD}/delete`, 'db\n')).toBe('ENOENT');
    expect(machine.mm.nodes.node(0).free).toBe(free);
    expect(create(machine, 'db anon 1M')).toBe('ok');
  });
});

describe('where pages go', () => {
  it.each([
    ['the default: the node of the processor', 'w anon 8M', ['node=0 zone=DMA32 pages=2048']],
    ['another processor', 'w anon 8M cpu=1', ['node=1 zone=Normal pages=2048']],
    ['bind', 'w anon 8M node=2', ['node=2 zone=Movable pages=2048']],
    ['preferred', 'w pagecache 8M node=2 policy=preferred', ['node=2 zone=Movable pages=2048']],
    [
      'interleave',
      'w anon 12M node=0-2 policy=interleave',
      [
        'node=0 zone=DMA32 pages=1024',
        'node=1 zone=Normal pages=1024',
        'node=2 zone=Movable pages=1024',
      ],
    ],
    [
      'kernel memory ignores a mask of Movable memory',
      'w kernel 8M node=2',
      ['node=0 zone=DMA32 pages=2048'],
    ],
    ['long-term pins leave ZONE_MOVABLE', 'w pinned 8M node=2', ['node=0 zone=DMA32 pages=2048']],
    ['huge pages of 2 MiB', 'w hugetlb-2M 8M node=2', ['node=2 zone=Movable pages=2048']],
  ])('%s', (_, text, placement) => {
    const machine = movableMachine();
    expect(create(machine, text)).toBe('ok');
    const lines = machine.read(`${WORKLOAD}/w/placement`).trim().split('\n');
    expect(lines.map((line) => line.replace(/ blocks=.*/, ''))).toEqual(placement);
  });

  it('huge pages of 1 GiB: not from Movable memory, not from blocks that host their memmap', () => {
    const machine = new TestMachine({ memmapOnMemory: 'Y' });
    machine.add(0, 8, { onlineType: 'online_movable' });
    machine.add(8, 8, { onlineType: 'online_kernel', memmapOnMemory: true });
    expect(create(machine, 'w hugetlb-1G 1G node=2')).toBe('ENOMEM');
    machine.add(16, 16, { onlineType: 'online_kernel', nid: 3 });
    expect(create(machine, 'w hugetlb-1G 1G node=3')).toBe('ok');
    expect(machine.read(`${WORKLOAD}/w/placement`)).toBe(
      'node=3 zone=Normal pages=262144 blocks=72-79\n',
    );
    expect(machine.write(`${WORKLOAD}/w/size`, '0')).toBe('ok');
    expect(machine.zoneFigures(3, 'Normal').free).toBe(16 * PAGES);
  });

  it('what does not fit on the preferred node goes to the next; bind fails', () => {
    const machine = movableMachine();
    expect(create(machine, 'a anon 1G node=2')).toBe('ENOMEM');
    expect(create(machine, 'b anon 1G node=2 policy=preferred')).toBe('ok');
    expect(machine.read(`${WORKLOAD}/b/placement`)).toMatch(
      /^node=0 zone=DMA32 pages=\d+ blocks=.*\nnode=2 zone=Movable pages=\d+ blocks=50-53\n$/,
    );
    expect(figure(machine, `${NODE}/node2/numastat`, 'numa_foreign')).toBeGreaterThan(0);
  });

  it('long-term pins fail where only Movable memory has room', () => {
    const machine = movableMachine();
    for (const nid of [0, 1])
      for (const zone of machine.mm.nodes.node(nid).zones) machine.occupy(zone, zone.free);
    expect(create(machine, 'a anon 64M')).toBe('ok');
    expect(create(machine, 'b pinned 64M')).toBe('ENOMEM');
  });
});

describe('size', () => {
  it('grows and shrinks', () => {
    const machine = movableMachine();
    create(machine, 'w anon 300M node=2');
    expect(machine.write(`${WORKLOAD}/w/size`, '400M')).toBe('ok');
    expect(machine.zoneFigures(2, 'Movable').free).toBe(4 * PAGES - 102400);
    expect(machine.write(`${WORKLOAD}/w/size`, '4096\n')).toBe('ok');
    expect(machine.read(`${WORKLOAD}/w/size`)).toBe('4096\n');
    expect(machine.zoneFigures(2, 'Movable').free).toBe(4 * PAGES - 1);
    expect(machine.write(`${WORKLOAD}/w/size`, '2G')).toBe('ENOMEM');
    expect(machine.read(`${WORKLOAD}/w/size`)).toBe('4096\n');
  });
});

describe('counters', () => {
  it.each([
    ['anon', { AnonPages: 8192, 'Inactive(anon)': 8192, MemUsed: 8192 }],
    ['pagecache', { FilePages: 8192, 'Inactive(file)': 8192, MemUsed: 8192 }],
    ['hugetlb-2M', { MemUsed: 8192, HugePages_Total: 4 }],
  ])('%s shows up in node2/meminfo, and leaves nothing behind', (kind, changes) => {
    const machine = movableMachine();
    const path = `${NODE}/node2/meminfo`;
    create(machine, `w ${kind} 8M node=2`);
    for (const [name, value] of Object.entries(changes))
      expect([name, figure(machine, path, name)]).toEqual([name, value]);
    machine.write(`${WORKLOAD}/delete`, 'w');
    for (const name of Object.keys(changes))
      expect([name, figure(machine, path, name)]).toEqual([name, 0]);
  });

  it('numastat, zoneinfo, buddyinfo, pagetypeinfo, vmstat', () => {
    const machine = movableMachine();
    const pins = figure(machine, '/proc/vmstat', 'nr_foll_pin_acquired');
    create(machine, 'w anon 8M node=2');
    create(machine, 'k pinned 4M');
    expect(machine.read(`${NODE}/node2/numastat`)).toBe(
      'numa_hit 2048\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\nlocal_node 0\nother_node 2048\n',
    );
    expect(machine.read('/proc/zoneinfo')).toContain('      nr_zone_inactive_anon 2048\n');
    expect(machine.read('/proc/buddyinfo')).toMatch(/^Node 2, zone {2}Movable( +0){10} {4}126 $/m);
    expect(machine.read('/proc/pagetypeinfo')).toMatch(/^Node 0, zone {4}DMA32 {11}\d+ /m);
    expect(figure(machine, '/proc/vmstat', 'nr_foll_pin_acquired') - pins).toBe(1024);
  });
});

describe('offlining with workloads', () => {
  it('one unmovable page: EBUSY, the log names the page and its user', () => {
    const machine = new TestMachine();
    machine.add(0, 2, { onlineType: 'online_kernel' });
    create(machine, 'filler anon 1M');
    for (const nid of [0, 1])
      for (const zone of machine.mm.nodes.node(nid).zones) machine.occupy(zone, zone.free);
    expect(create(machine, 'logger kernel 4K')).toBe('ok');
    expect(machine.state(0, 'offline')).toBe('EBUSY');
    expect(machine.state(0)).toBe('online');
    expect(log(machine)).toMatch(
      /memory50: offlining failed: page 0x190\w{3} of workload 'logger' \(kernel\) \(zone Normal of node 2\) is unmovable/,
    );
    machine.write(`${WORKLOAD}/delete`, 'logger');
    expect(machine.state(0, 'offline')).toBe('ok');
  });

  it.each(['anon', 'pagecache', 'hugetlb-2M'])('%s moves to the nearest other node', (kind) => {
    const machine = movableMachine();
    create(machine, `w ${kind} 200M node=2`);
    const total = machine.read(`${WORKLOAD}/w/size`);
    const free = machine.mm.nodes.node(0).free;
    expect([0, 1].map((block) => machine.state(block, 'offline'))).toEqual(['ok', 'ok']);
    expect(machine.read(`${WORKLOAD}/w/size`)).toBe(total);
    expect(free - machine.mm.nodes.node(0).free).toBe((200 * MIB) / 4096);
    expect(machine.read(`${WORKLOAD}/w/placement`)).not.toContain('node=2');
  });

  it.each(['pinned', 'hugetlb-1G'])(
    '%s memory in a kernel zone looks movable and never moves',
    (kind) => {
      const machine = new TestMachine();
      machine.add(0, 24, { onlineType: 'online_kernel' });
      expect(
        machine.mm.workloads.create({ name: 'w', kind, size: GIB, nodes: [2] } as never),
      ).toBeDefined();
      const block = Number(/blocks=(\d+)/.exec(machine.read(`${WORKLOAD}/w/placement`))?.[1]);
      const free = machine.zoneFigures(2, 'Normal').free;
      expect(machine.write(`${MEMORY}/memory${block}/online`, '0')).toBe('EBUSY');
      expect(log(machine)).toMatch(/pages of workload 'w' .* Linux would try until a signal/);
      expect(machine.zoneFigures(2, 'Normal').free).toBe(free);
    },
  );

  it('pages of a kernel zone never go to Movable memory', () => {
    const machine = movableMachine();
    machine.add(8, 1, { onlineType: 'online_kernel', nid: 3 });
    create(machine, 'w anon 64M node=3');
    for (const nid of [0, 1])
      for (const zone of machine.mm.nodes.node(nid).zones) machine.occupy(zone, zone.free);
    expect(machine.state(8, 'offline')).toBe('EBUSY');
    expect(log(machine)).toContain(
      `16384 pages of workload 'w' (anon) have no room on another node`,
    );
  });
});

describe('memory failures', () => {
  const address = (block: number): string => `0x${((FIRST + block) * BLOCK).toString(16)}`;

  it('soft: the page is replaced; hard: its user loses it; kernel memory is ignored', () => {
    const machine = movableMachine();
    create(machine, 'w anon 8M node=2');
    expect(machine.write(`${MEMORY}/soft_offline_page`, address(0))).toBe('ok');
    expect(machine.read(`${WORKLOAD}/w/size`)).toBe(`${8 * MIB}\n`);
    const next = `0x${(FIRST * BLOCK + 8192).toString(16)}`;
    expect(machine.write(`${MEMORY}/hard_offline_page`, next)).toBe('ok');
    expect(machine.read(`${WORKLOAD}/w/size`)).toBe(`${8 * MIB - 4096}\n`);
    expect(machine.read(`${NODE}/node2/memory_failure/recovered`)).toBe('1\n');
    expect(figure(machine, '/proc/meminfo', 'HardwareCorrupted')).toBe(8);
    expect(machine.state(0, 'offline')).toBe('ok');
    expect(machine.state(0, 'online_movable')).toBe('EHWPOISON');
  });

  it('a huge page goes as a whole', () => {
    const machine = movableMachine();
    create(machine, 'w hugetlb-2M 8M node=2');
    const before = machine.zoneFigures(2, 'Movable').free;
    expect(machine.write(`${MEMORY}/hard_offline_page`, address(0))).toBe('ok');
    expect(machine.read(`${WORKLOAD}/w/size`)).toBe(`${6 * MIB}\n`);
    expect(machine.zoneFigures(2, 'Movable').free - before).toBe(511);
  });

  it('a page of the kernel', () => {
    const machine = new TestMachine();
    machine.add(0, 1, { onlineType: 'online_kernel' });
    const zone = machine.zone(2, 'Normal');
    for (const nid of [0, 1])
      for (const each of machine.mm.nodes.node(nid).zones) machine.occupy(each, each.free);
    create(machine, 'w kernel 4M');
    expect(zone.free).toBe(PAGES - 1024);
    expect(machine.write(`${MEMORY}/hard_offline_page`, address(0))).toBe('EBUSY');
    expect(machine.read(`${NODE}/node2/memory_failure/ignored`)).toBe('1\n');
    expect(machine.write(`${MEMORY}/soft_offline_page`, address(0))).toBe('EBUSY');
  });
});
