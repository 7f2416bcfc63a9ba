// Dynamic capacity in the model: what a device offers, what the host makes of it by driver, how it
// goes again.
import { beforeEach, describe, expect, it } from 'vitest';
import type { BootedMachine } from '../../src/platform/machine.ts';
import { auditZone } from '../mm/audit.ts';
import { CAPACITY, CXL, DynamicMachine, TAG } from './machine.ts';

const OTHER_TAG = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const DAX = '/sys/bus/dax/devices';
const M256 = '0x10000000';

function auditZones({ mm }: BootedMachine): void {
  for (const nid of [0, 1]) for (const zone of mm.nodes.node(nid).zones) auditZone(zone);
}

describe('the partition', () => {
  const machine = new DynamicMachine();

  it.each([
    [`${CXL}/devices/mem0/dynamic_ram_a/size`, '0x80000000\n'],
    [`${CXL}/devices/mem0/ram/size`, '0x40000000\n'],
    [`${CXL}/devices/decoder2.0/mode`, 'dynamic_ram_a\n'],
    [`${CXL}/devices/decoder2.0/dpa_resource`, '0x40000000\n'],
    [`${CXL}/devices/region0/mode`, 'dynamic_ram_a\n'],
    [`${CXL}/devices/region0/uuid`, '\n'],
    [`${CXL}/devices/decoder0.0/create_dynamic_ram_a_region`, 'region1\n'],
  ])('%s', (path, text) => {
    expect(machine.read(path)).toBe(text);
  });

  it('is no part of a machine without it', async () => {
    const { boot, loadMachine } = await import('../../src/index.ts');
    const { kernel } = boot(loadMachine('default'));
    expect([...kernel.directory('bus/cxl/devices').names()]).toContain('mem0');
    expect([
      ...kernel.directory('devices/platform/ACPI0017:00/root0/decoder0.0').names(),
    ]).not.toContain('create_dynamic_ram_a_region');
    expect([...kernel.directory('kernel/debug/cxlbox').names()]).not.toContain('capacity');
  });

  it('cannot be interleaved', () => {
    const other = new DynamicMachine();
    other.write(`${CXL}/devices/decoder0.0/create_dynamic_ram_a_region`, 'region1');
    expect(other.outcome(`${CXL}/devices/region1/interleave_ways`, '2')).toBe('EINVAL');
    expect(other.outcome(`${CXL}/devices/region1/interleave_ways`, '1')).toBe('ok');
  });
});

describe('an offer is refused', () => {
  const bound = (): DynamicMachine => new DynamicMachine('devdax');

  it.each([
    ['no number', 'zero 0x10000000', 'EINVAL'],
    ['no length', '0', 'EINVAL'],
    ['nothing', '\n', 'EINVAL'],
    ['length 0', '0 0', 'EINVAL'],
    ['not of whole blocks', '0 0x100000', 'EINVAL'],
    ['not at a block', '0x1000 0x200000', 'EINVAL'],
    ['beyond the partition', '0x78000000 0x10000000', 'EINVAL'],
    ['far beyond', '0xfffffffffffff000 0x10000000', 'EINVAL'],
    ['twice in one offer', `0 ${M256} 0x8000000 ${M256}`, 'EINVAL'],
    ['a tag that is no uuid', `0 ${M256} tag=blue`, 'EINVAL'],
    ['force', `0 ${M256} force`, 'EINVAL'],
  ])('%s', (_, text, errno) => {
    const machine = bound();
    expect(machine.add(text)).toBe(errno);
    expect([machine.extents(), machine.devices()]).toEqual([[], []]);
  });

  it('what the host has already', () => {
    const machine = bound();
    expect(machine.add(`0x10000000 ${M256}`)).toBe('ok');
    expect(machine.add(`0x18000000 ${M256}`)).toBe('EBUSY');
    expect(machine.add(`0x10000000 ${M256}`)).toBe('EBUSY');
  });

  it('not by the null tag, which is none', () => {
    const machine = bound();
    const tag = 'tag=00000000-0000-0000-0000-000000000000';
    expect(machine.add(`0 ${M256} ${tag}`)).toBe('ok');
    expect(machine.add(`0x20000000 ${M256} ${tag}`)).toBe('ok');
    expect(machine.extents()).toEqual([`0x0 ${M256}`, `0x20000000 ${M256}`]);
  });

  it('a tag that the host has already', () => {
    const machine = bound();
    expect(machine.add(`0 ${M256} tag=${TAG}`)).toBe('ok');
    expect(machine.add(`0x20000000 ${M256} tag=${TAG}`)).toBe('EBUSY');
    expect(machine.add(`0x20000000 ${M256} tag=${OTHER_TAG}`)).toBe('ok');
  });

  it('without a driver: the user has not said what the memory shall be', () => {
    const machine = new DynamicMachine();
    expect(machine.add(`0 ${M256}`)).toBe('ENXIO');
    machine.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
    expect(machine.add(`0 ${M256}`)).toBe('ENXIO');
    expect(machine.extents()).toEqual([]);
  });

  it('without a region, or beyond it', () => {
    const machine = new DynamicMachine();
    const region = `${CXL}/devices/region0`;
    machine.write(`${region}/commit`, '0');
    machine.write(`${region}/target0`, '\n');
    expect(machine.add(`0 ${M256}`)).toBe('ENXIO');
    machine.write(`${region}/size`, '0');
    machine.write(`${CXL}/devices/decoder2.0/dpa_size`, '0x40000000');
    machine.write(`${region}/size`, '0x40000000');
    machine.write(`${region}/target0`, 'decoder2.0');
    machine.write(`${region}/commit`, '1');
    machine.bind('devdax');
    expect(machine.add(`0x30000000 0x20000000`)).toBe('ENXIO');
    expect(machine.add(`0x40000000 ${M256}`)).toBe('ENXIO');
    expect(machine.add(`0x30000000 ${M256}`)).toBe('ok');
  });
});

describe('under cxl_devdax_region', () => {
  let machine: DynamicMachine;
  beforeEach(() => {
    machine = new DynamicMachine('devdax');
  });

  it('there is no device before memory arrives', () => {
    expect(machine.devices()).toEqual([]);
    expect(machine.read(`${CXL}/devices/dax_region0/dax_region/available_size`)).toBe('0\n');
    expect(machine.outcome(`${CXL}/devices/dax_region0/dax_region/create`, '1')).toBe('ENOSPC');
  });

  it('each untagged extent is a device, all of a tag are one', () => {
    expect(machine.add(`0 ${M256} 0x20000000 ${M256}`)).toBe('ok');
    expect(machine.add(`0x60000000 ${M256} 0x40000000 ${M256} tag=${TAG}`)).toBe('ok');
    expect(machine.devices()).toEqual([
      'dax0.0 device_dax 0+256',
      'dax0.1 device_dax 512+256',
      'dax0.2 device_dax 1536+256 1024+256',
    ]);
    expect(machine.extents()).toEqual([
      `0x0 ${M256}`,
      `0x20000000 ${M256}`,
      `0x40000000 ${M256} ${TAG}`,
      `0x60000000 ${M256} ${TAG}`,
    ]);
  });

  it('extentX.Y tell which capacity it is', () => {
    machine.add(`0x20000000 ${M256}`);
    machine.add(`0x40000000 ${M256} tag=${TAG}`);
    const region = `${CXL}/devices/dax_region0`;
    expect(machine.read(`${region}/extent0.0/offset`)).toBe('0x20000000\n');
    expect(machine.read(`${region}/extent0.1/length`)).toBe('0x10000000\n');
    expect(machine.read(`${region}/extent0.1/uuid`)).toBe(`${TAG}\n`);
    expect(() => machine.read(`${region}/extent0.0/uuid`)).toThrow('ENOENT');
  });

  it.each([
    ['size', '0x8000000', 'EBUSY'],
    ['uuid', TAG, 'EBUSY'],
  ])('%s cannot be written while the device is bound', (file, text, errno) => {
    machine.add(`0 ${M256}`);
    expect(machine.outcome(`${DAX}/dax0.0/${file}`, text)).toBe(errno);
  });

  it('a device has all of its allocation or nothing; uuid claims it again', () => {
    machine.add(`0 ${M256} tag=${TAG}`);
    machine.write('/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0');
    expect(machine.outcome(`${DAX}/dax0.0/size`, '0x8000000')).toBe('EOPNOTSUPP');
    expect(machine.outcome(`${DAX}/dax0.0/size`, '0')).toBe('ok');
    expect(machine.read(`${DAX}/dax0.0/uuid`)).toBe('00000000-0000-0000-0000-000000000000\n');
    expect(machine.read(`${CXL}/devices/dax_region0/dax_region/available_size`)).toBe(
      '268435456\n',
    );
    expect(machine.outcome(`${DAX}/dax0.0/uuid`, '0')).toBe('ENOENT');
    expect(machine.outcome(`${DAX}/dax0.0/uuid`, 'blue')).toBe('EINVAL');
    expect(machine.outcome(`${DAX}/dax0.0/uuid`, TAG)).toBe('ok');
    expect(machine.outcome(`${DAX}/dax0.0/uuid`, TAG)).toBe('EBUSY');
    machine.write('/sys/bus/dax/drivers/device_dax/bind', 'dax0.0');
    expect(machine.devices()).toEqual(['dax0.0 device_dax 0+256']);
  });

  it('a release takes the device away, refused while a program has it open', () => {
    let open = true;
    machine.machine.dax.askOpenOf((name) => open && name === 'dax0.0');
    machine.add(`0 ${M256} 0x10000000 ${M256}`);
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
    expect(machine.log()).toContain('dax0.0 is open or mapped by a program');
    expect(machine.release(`0x10000000 ${M256}`)).toBe('ok');
    open = false;
    expect(machine.release(`0 ${M256}`)).toBe('ok');
    expect([machine.extents(), machine.devices()]).toEqual([[], []]);
    expect(
      machine.names('bus/cxl/devices/dax_region0').filter((name) => name.startsWith('extent')),
    ).toEqual([]);
  });

  it.each([
    ['what the host does not have', `0x30000000 ${M256}`, 'EINVAL'],
    ['more than an extent', '0 0x20000000', 'EINVAL'],
    ['another tag', `0 ${M256} tag=${OTHER_TAG}`, 'EINVAL'],
    ['nothing', '0 0', 'EINVAL'],
    ['a part: the allocation goes whole', '0x200000 0x200000', 'ok'],
    ['its tag', `0 ${M256} tag=${TAG}`, 'ok'],
  ])('a release of %s', (_, text, outcome) => {
    machine.add(`0 ${M256} 0x10000000 ${M256} tag=${TAG}`);
    expect(machine.release(text)).toBe(outcome);
    expect(machine.extents()).toHaveLength(outcome === 'ok' ? 0 : 2);
  });

  it('unbinding gives all back', () => {
    machine.add(`0 ${M256}`);
    machine.write(`${CXL}/drivers/cxl_devdax_region/unbind`, 'region0');
    expect([machine.extents(), machine.devices()]).toEqual([[], []]);
    machine.bind('sysram');
    expect(machine.add(`0 ${M256}`)).toBe('ok');
  });
});

describe('under cxl_sysram_region', () => {
  it.each([
    ['online_movable', 'online', 'Movable'],
    ['online', 'online', 'Normal'],
    ['offline', 'offline', undefined],
  ])('an extent becomes memory blocks by online_type: %s', (onlineType, state, zone) => {
    const machine = new DynamicMachine('sysram', onlineType);
    expect(machine.add(`0x10000000 ${M256}`)).toBe('ok');
    expect(machine.devices()).toEqual(['dax0.0 kmem 256+256']);
    expect(machine.blocks()).toEqual([`memory52 ${state}`, `memory53 ${state}`]);
    if (zone === undefined) return;
    expect(machine.read('/sys/devices/system/memory/memory52/valid_zones')).toBe(`${zone}\n`);
  });

  it('a release is refused until every block is offline', () => {
    const machine = new DynamicMachine('sysram');
    machine.add(`0 ${M256}`);
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
    machine.write('/sys/devices/system/memory/memory50/state', 'offline');
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
    machine.write('/sys/devices/system/memory/memory51/state', 'offline');
    expect(machine.release(`0 ${M256}`)).toBe('ok');
    expect([machine.extents(), machine.devices(), machine.blocks()]).toEqual([[], [], []]);
  });

  it('memory that kmem had to leave behind stays with the host', () => {
    const machine = new DynamicMachine('sysram');
    machine.add(`0 ${M256} 0x10000000 ${M256}`);
    for (const block of [52, 53])
      machine.write(`/sys/devices/system/memory/memory${block}/state`, 'offline');
    machine.write(`${CXL}/drivers/cxl_dax_kmem_region/unbind`, 'sysram_region0');
    expect(machine.extents()).toEqual([`0x0 ${M256}`]);
    // Bound again it is found in the device's list, and kmem fails as it does for a static region.
    machine.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
    expect(machine.devices()).toEqual(['dax0.0 - 0+256']);
    for (const block of [50, 51])
      machine.write(`/sys/devices/system/memory/memory${block}/state`, 'offline');
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
    expect(machine.log()).toContain('was left behind by kmem');
  });

  it('what is left behind is not released either, with its driver or without', () => {
    const machine = new DynamicMachine('sysram');
    machine.add(`0 ${M256}`);
    machine.write(`${CXL}/drivers/cxl_dax_kmem_region/unbind`, 'sysram_region0');
    machine.write(`${CXL}/drivers/cxl_sysram_region/unbind`, 'region0');
    expect([machine.extents(), machine.devices()]).toEqual([[`0x0 ${M256}`], []]);
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
    expect(machine.log()).toContain('memory blocks of the extent at DPA 0x40000000 are online');
    for (const block of [50, 51])
      machine.write(`/sys/devices/system/memory/memory${block}/state`, 'offline');
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
    expect(machine.release(`0 ${M256} force`)).toBe('ok');
    expect(machine.outcome('/sys/devices/system/memory/memory50/state', 'online_movable')).toBe(
      'EHWPOISON',
    );
  });

  it('the device has its extents also while cxl_mem is not bound', () => {
    const machine = new DynamicMachine('sysram');
    machine.add(`0 ${M256}`);
    machine.write(`${CXL}/drivers/cxl_mem/unbind`, 'mem0');
    expect(machine.extents()).toEqual([`0x0 ${M256}`]);
    expect(machine.release(`0 ${M256}`)).toBe('EBUSY');
  });

  it('an extent without a whole memory block is no memory, and can go', () => {
    const machine = new DynamicMachine('sysram');
    expect(machine.add('0 0x200000')).toBe('ok');
    expect(machine.devices()).toEqual(['dax0.0 - 0+2']);
    expect(machine.release('0 0x200000')).toBe('ok');
  });
});

describe('a forced release', () => {
  it('takes the memory at once; the host keeps what it made of it until its driver goes', () => {
    const machine = new DynamicMachine('devdax');
    const losses: string[] = [];
    machine.machine.daxHardware?.onLoss((name) => losses.push(name));
    machine.machine.dax.askOpenOf(() => true);
    machine.add(`0 ${M256}`);
    expect(machine.release(`0 ${M256} force`)).toBe('ok');
    expect([machine.extents(), machine.devices(), losses]).toEqual([
      [],
      ['dax0.0 device_dax 0+256'],
      ['dax0.0'],
    ]);
    expect(machine.log()).toContain(
      'forced release of the extent at DPA 0x40000000 ignored: its memory is gone',
    );
    expect(machine.release(`0 ${M256}`)).toBe('EINVAL');
    expect(machine.add(`0 ${M256}`)).toBe('ENOSPC');
    machine.write(`${CXL}/drivers/cxl_devdax_region/unbind`, 'region0');
    machine.bind('devdax');
    expect(machine.add(`0 ${M256}`)).toBe('ok');
  });

  it.each([
    ['anon', '128M', 32768],
    ['hugetlb-2M', '128M', 64],
  ])('takes the pages of those who use the memory: %s', (kind, size, units) => {
    const machine = new DynamicMachine('sysram');
    machine.add(`0 ${M256}`);
    machine.write('/sys/kernel/debug/cxlbox/workload/create', `db ${kind} ${size} node=1`);
    const total = machine.read('/proc/meminfo').match(/MemTotal: +(\d+)/)?.[1];
    expect(machine.release(`0 ${M256} force`)).toBe('ok');
    expect(machine.read('/sys/kernel/debug/cxlbox/workload/db/size')).toBe('0\n');
    expect(machine.read('/proc/meminfo')).toContain('HardwareCorrupted: 262144 kB');
    expect(machine.read('/sys/devices/system/node/node1/memory_failure/recovered')).toBe(
      `${units}\n`,
    );
    expect(machine.read('/proc/meminfo').match(/MemTotal: +(\d+)/)?.[1]).toBe(total);
    expect(machine.log()).toContain("is gone: workload 'db' (");
    auditZones(machine.machine);
  });

  it('leaves memory that nobody gets any more, nor comes online again', () => {
    const machine = new DynamicMachine('sysram');
    machine.add(`0 ${M256}`);
    machine.write('/sys/devices/system/memory/memory50/state', 'offline');
    machine.release(`0 ${M256} force`);
    expect(machine.read('/sys/devices/system/node/node1/meminfo')).toContain(
      'MemFree:               0 kB',
    );
    const create = '/sys/kernel/debug/cxlbox/workload/create';
    expect(machine.outcome(create, 'db anon 4K node=1 policy=bind')).toBe('ENOMEM');
    expect(machine.outcome('/sys/devices/system/memory/memory50/state', 'online_movable')).toBe(
      'EHWPOISON',
    );
    expect(machine.outcome('/sys/devices/system/memory/memory51/state', 'offline')).toBe('ok');
    expect(machine.outcome('/sys/devices/system/memory/memory51/state', 'online_movable')).toBe(
      'EHWPOISON',
    );
    auditZones(machine.machine);
    // With the driver the memory goes, and its record.
    machine.write(`${CXL}/drivers/cxl_dax_kmem_region/unbind`, 'sysram_region0');
    expect(machine.read('/proc/meminfo')).toContain('HardwareCorrupted:     0 kB');
    machine.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
    expect(machine.add(`0 ${M256}`)).toBe('ok');
    expect(machine.blocks()).toEqual(['memory50 online', 'memory51 online']);
  });

  it('leaves a device that no driver can make memory of, and extents that nobody can claim', () => {
    const machine = new DynamicMachine('devdax');
    machine.add(`0 ${M256} tag=${TAG}`);
    machine.release(`0 ${M256} force`);
    machine.write('/sys/bus/dax/drivers/device_dax/unbind', 'dax0.0');
    machine.write('/sys/bus/dax/drivers/kmem/new_id', 'dax0.0');
    expect(machine.devices()).toEqual(['dax0.0 - 0+256']);
    expect(machine.outcome('/sys/bus/dax/drivers/kmem/bind', 'dax0.0')).toBe('ENXIO');
    machine.write(`${DAX}/dax0.0/size`, '0');
    expect(machine.outcome(`${DAX}/dax0.0/uuid`, TAG)).toBe('ENOENT');
  });

  it('is refused where Linux would crash', () => {
    const machine = new DynamicMachine('sysram', 'online');
    machine.add(`0 ${M256}`);
    expect(machine.release(`0 ${M256} force`)).toBe('EBUSY');
    expect(machine.extents()).toEqual([`0x0 ${M256}`]);
  });
});

describe('under cxl_region', () => {
  it('extents are devices for programs, as in the dynamic capacity series', () => {
    const machine = new DynamicMachine('cxl_region');
    machine.add(`0 ${M256}`);
    expect(machine.devices()).toEqual(['dax0.0 device_dax 0+256']);
  });
});

it('the host gives all back when the memory device loses its driver', () => {
  const machine = new DynamicMachine('devdax');
  machine.add(`0 ${M256}`);
  machine.write(`${CXL}/drivers/cxl_mem/unbind`, 'mem0');
  expect(machine.devices()).toEqual([]);
  machine.write(`${CXL}/drivers/cxl_mem/bind`, 'mem0');
  expect(machine.read(`${CAPACITY}/extents`)).toBe('');
});
