import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../machine-files/load.ts';
import { boot } from '../../platform/boot.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { parseZoneinfo } from '../../sysfs-client/zoneinfo.ts';
import { type BlockRange, readBlocks } from '../common/block-ranges.ts';
import { drawGrid } from './grid.ts';
import { renderMemory } from './render.ts';
import type { MemoryView } from './types.ts';
import { readMemory } from './view.ts';

const CXL = '/sys/bus/cxl';
const MEMORY = '/sys/devices/system/memory';

/** The default machine with region0 as movable memory, one block of it offline. */
async function defaultMachine(): Promise<SysfsClient> {
  const client = new MachineClient(boot(loadMachine('default')));
  await client.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
  await client.write(`${CXL}/devices/sysram_region0/online_type`, 'online_movable');
  await client.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
  await client.write(`${MEMORY}/memory60/state`, 'offline');
  return client;
}

/** What is in use at boot is the allocator's business. */
function withoutUse(view: MemoryView): MemoryView {
  const nodes = view.nodes.map((node) => ({
    ...node,
    zones: node.zones.map((zone) => ({ ...zone, free: zone.managed })),
  }));
  return { ...view, nodes };
}

const GOLDEN = `nodes
  node   tier  CPUs  zone      present    managed       free    blocks
  node0  4     0-3   DMA        16 MiB  15.75 MiB  15.75 MiB        16
                     DMA32    1.98 GiB   1.95 GiB   1.95 GiB
  node1  4     4-7   Normal      2 GiB   1.97 GiB   1.97 GiB        16
  node2  22    -     Movable  3.88 GiB   3.88 GiB   3.88 GiB  31 of 32
blocks of 128 MiB, one cell per block
  node0  memory0   *DDDDDDDDDDDDDDD
  node1  memory32  NNNNNNNNNNNNNNNN
  node2  memory50  MMMMMMMMMM-MMMMMMMMMMMMMMMMMMMMM
  d DMA, D DMA32, N Normal, M Movable, * several zones, - offline, + different blocks in one cell
page structures (memmap_on_memory N)
  of boot memory              64 MiB
  of added memory             64 MiB
    in the blocks themselves     0 B  online blocks only
    elsewhere                 64 MiB
what keeps memory from going offline
  memory0       cannot go   several zones or nodes, or holes: EINVAL
  memory1-15    may not go  zone DMA32 takes kernel memory: one page that cannot move gives EBUSY
  memory32-47   may not go  zone Normal takes kernel memory: one page that cannot move gives EBUSY
  kernel zones  may not go  they hold page structures of other memory (64 MiB), which cannot move
  dax0.0        not yet     31 of its 32 blocks are online: unbinding leaves the memory in place
`;

describe('cxlbox memory', () => {
  it('prints the default machine', async () => {
    const view = await readMemory(await defaultMachine());
    expect(renderMemory(withoutUse(view))).toBe(GOLDEN);
  });

  it('names the workload that keeps a block', async () => {
    const client = await defaultMachine();
    await client.write('/sys/kernel/debug/cxlbox/workload/create', 'database kernel 64M node=1');
    const { blockers } = await readMemory(client);
    expect(blockers).toContainEqual({
      what: 'memory32 memory47',
      verdict: 'never',
      why: "workload 'database' (kernel) holds 16384 pages that cannot move: EBUSY",
    });
  });

  it('reads a block only where its zone does not tell', async () => {
    const client = await defaultMachine();
    const read: string[] = [];
    const counting: SysfsClient = {
      read: (path) => {
        read.push(path);
        return client.read(path);
      },
      write: (path, text) => client.write(path, text),
      readlink: (path) => client.readlink(path),
      list: (path) => client.list(path),
      watch: (path, changed) => client.watch(path, changed),
    };
    const zones = parseZoneinfo(await client.read('/proc/zoneinfo'));
    const told = await readBlocks(counting, zones, 2 ** 27);
    const states = read.filter((path) => path.endsWith('/state'));
    // The block of two zones, and those of the zone with an offline block in it.
    expect(states.length).toBeLessThan(40);
    expect(states).not.toContain(`${MEMORY}/memory40/state`);
    // Told by zones or read block by block: the same.
    const pages = 2 ** 27 / 4096;
    const holes = [
      {
        node: 0,
        zone: 'Normal',
        startPfn: 0,
        spanned: 1000 * pages,
        present: 1,
        managed: 1,
        free: 1,
      },
    ];
    expect(await readBlocks(client, holes, 2 ** 27)).toEqual(told);
  });
});

function range(first: number, last: number, zone: string | undefined, node = 0): BlockRange {
  return { first, last, zone, state: zone === undefined ? 'offline' : 'online', nodes: [node] };
}

describe('the picture of memory blocks', () => {
  it('starts a row after 64 cells and after a gap', () => {
    const { scale, rows } = drawGrid([
      range(0, 65, 'Normal'),
      range(70, 71, undefined),
      range(72, 72, 'Movable'),
    ]);
    expect(scale).toBe(1);
    expect(rows.map(({ first, cells }) => [first, cells])).toEqual([
      [0, 'N'.repeat(64)],
      [64, 'NN'],
      [70, '--M'],
    ]);
  });

  it('draws half a million blocks in 1024 cells at most', () => {
    const { scale, rows } = drawGrid([
      range(0, 524_286, 'Movable'),
      range(524_287, 524_287, undefined),
    ]);
    expect(scale).toBe(512);
    expect(rows.reduce((sum, { cells }) => sum + cells.length, 0)).toBe(1024);
    expect(rows.at(-1)?.cells).toBe(`${'M'.repeat(63)}+`);
  });
});
