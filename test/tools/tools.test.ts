// Unmodified tools in a box. What they print is compared where it does not depend on their version.
import { describe, expect, it } from 'vitest';
import { boxOfSuite } from '../box/open-box.ts';
import { inBox as inOwnBox } from '../cxlbox.ts';
import { lacksBox, lacksProgram, needs } from '../needs.ts';

const TO_SYSTEM_RAM = `
  echo region0 > /sys/bus/cxl/drivers/cxl_sysram_region/bind
  echo online_movable > /sys/bus/cxl/devices/sysram_region0/online_type
  echo sysram_region0 > /sys/bus/cxl/drivers/cxl_dax_kmem_region/bind
`;
const TO_DEVDAX = 'echo region1 > /sys/bus/cxl/drivers/cxl_devdax_region/bind';

/** Gives back what a test did with the regions. */
const BACK = `cd /sys/bus/cxl/drivers; exec 2> /dev/null
  for block in /sys/devices/system/node/node2/memory*/state; do echo offline > $block; done
  echo sysram_region0 > cxl_dax_kmem_region/unbind
  echo region0 > cxl_sysram_region/unbind
  echo region1 > cxl_devdax_region/unbind`;

function json(text: string): unknown {
  return JSON.parse(text);
}

describe('cxl', needs(lacksBox(), lacksProgram('cxl')), () => {
  const inBox = boxOfSuite();

  it('lists the topology with all options, with no more on stderr than the mailbox commands it cannot send', async () => {
    const { status, stdout, stderr } = await inBox('cxl list -BEMPDTRiu');
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const [bus] = [json(stdout)].flat() as [{ 'ports:root0': [{ 'endpoints:port1': object[] }] }];
    expect(bus).toMatchObject({
      bus: 'root0',
      provider: 'ACPI.CXL',
      'ports:root0': [{ port: 'port1', host: 'pci0000:0c', depth: 1, nr_dports: 2 }],
    });
    const endpoints = bus['ports:root0'][0]['endpoints:port1'];
    expect(endpoints).toContainEqual(
      expect.objectContaining({ endpoint: 'endpoint2', host: 'mem0', depth: 2 }),
    );
    expect(endpoints).toContainEqual(
      expect.objectContaining({ endpoint: 'endpoint3', host: 'mem1' }),
    );
  });

  it('lists committed regions', async () => {
    const regions = json((await inBox('cxl list -Rui')).stdout);
    const common = { size: '4.00 GiB (4.29 GB)', interleave_ways: 1, decode_state: 'commit' };
    expect(regions).toMatchObject([
      { region: 'region0', resource: '0x190000000', ...common },
      { region: 'region1', resource: '0x290000000', ...common },
    ]);
  });

  it('survives its most verbose listing', async () => {
    const { status, stdout } = await inBox('cxl list -vvv');
    expect(status).toBe(0);
    expect(json(stdout)).toMatchObject([{ bus: 'root0' }]);
  });

  it.each(['direct2', 'one', 'hb2', 'switch2', 'mixed', 'hmat'])(
    'lists the memory devices of %s',
    (machine) => {
      const { status, stdout, stderr } = inOwnBox('cxl list -Mu', { machine });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const found = [json(stdout)].flat();
      expect(found).toHaveLength(machine === 'one' ? 1 : 2);
    },
  );

  it('makes a persistent region, and destroys it', () => {
    const { status, stdout, stderr } = inOwnBox(
      `cxl create-region -m -t pmem -d decoder0.0 mem0 >&2 && ls /sys/bus/cxl/devices | grep pmem_region
       grep Persistent /proc/iomem; cxl destroy-region -f region0; ls /sys/bus/cxl/devices | grep -c region`,
      { machine: 'mixed' },
    );
    expect(stderr).toContain('created 1 region');
    expect(stderr).toContain('destroyed 1 region');
    expect(stdout).toBe('pmem_region0\n  190000000-1cfffffff : Persistent Memory\n0\n');
    expect(status).toBe(1);
  });

  it('disables and enables a memory device', () => {
    const { stdout, stderr, status } = inOwnBox(
      'cxl disable-memdev -f mem1 && cxl list -M -i && cxl enable-memdev mem1',
      {
        machine: 'direct2',
      },
    );
    expect(stderr).toContain('disabled 1 mem');
    expect(stderr).toContain('enabled 1 mem');
    expect(stdout).toContain('"state":"disabled"');
    expect(status).toBe(0);
  });
});

describe('daxctl', needs(lacksBox(), lacksProgram('daxctl')), () => {
  const inBox = boxOfSuite(undefined, { restore: BACK });

  it('sees system memory and a device', async () => {
    const { status, stdout, stderr } = await inBox(
      `${TO_SYSTEM_RAM} ${TO_DEVDAX}\n daxctl list -RDM`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const regions = json(stdout) as { id: number; devices: unknown[] }[];
    const devices = Object.fromEntries(regions.map(({ id, devices: [first] }) => [id, first]));
    expect(devices[0]).toMatchObject({
      chardev: 'dax0.0',
      mode: 'system-ram',
      online_memblocks: 32,
      movable: true,
    });
    expect(devices[1]).toMatchObject({
      chardev: 'dax1.0',
      mode: 'devdax',
      size: 4294967296,
      target_node: 2,
    });
  });

  it('takes memory offline and online again', async () => {
    const { stdout, stderr } = await inBox(`${TO_SYSTEM_RAM}
      daxctl offline-memory dax0.0; daxctl list -d dax0.0
      daxctl online-memory dax0.0; daxctl list -d dax0.0`);
    expect(stderr).toContain('offlined memory for 1 device');
    expect(stderr).toContain('onlined memory for 1 device');
    const [off = '', on = ''] = stdout.split('\n]\n');
    expect(json(`${off}\n]`)).toMatchObject([
      { chardev: 'dax0.0', online_memblocks: 0, total_memblocks: 32 },
    ]);
    expect(json(`${on}\n]`)).toMatchObject([
      { chardev: 'dax0.0', online_memblocks: 32, movable: true },
    ]);
  });

  it('reconfigures system memory to a device and back', async () => {
    const { status, stdout, stderr } = await inBox(`${TO_SYSTEM_RAM}
      daxctl reconfigure-device -f -m devdax dax0.0 && daxctl reconfigure-device -m system-ram dax0.0`);
    expect(status).toBe(0);
    expect(stderr.match(/reconfigured 1 device/g)).toHaveLength(2);
    expect(stdout).toContain('"mode":"devdax"');
    expect(stdout).toContain('"mode":"system-ram"');
  });
});

describe('lsmem and chmem', needs(lacksBox(), lacksProgram('lsmem', 'chmem')), () => {
  const inBox = boxOfSuite(undefined, { restore: BACK });

  it('list the blocks with their zones', async () => {
    const { status, stdout } = await inBox(`${TO_SYSTEM_RAM} lsmem -a -o +ZONES | tail -n 36`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/0x0000000190000000-0x0000000197ffffff +128M online +yes +50 Movable\n/);
    expect(stdout).toMatch(/Total online memory: +8G\n/);
  });

  it('take a block offline and online', async () => {
    const { stdout, status } = await inBox(`${TO_SYSTEM_RAM}
      chmem -d -b 60 && cat /sys/devices/system/memory/memory60/state &&
      chmem -e -b 60 && cat /sys/devices/system/memory/memory60/state`);
    expect(stdout).toBe('offline\nonline\n');
    expect(status).toBe(0);
  });
});

describe('numactl', needs(lacksBox(), lacksProgram('numactl')), () => {
  it('shows the node that appeared', () => {
    const { status, stdout } = inOwnBox(`${TO_SYSTEM_RAM} numactl -H`);
    expect(status).toBe(0);
    expect(stdout).toContain('available: 3 nodes (0-2)');
    expect(stdout).toContain('node 2 size: 4096 MB');
    expect(stdout).toMatch(/node 2 cpus:\n/);
  });
});
