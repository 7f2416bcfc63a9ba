import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../machine-files/load.ts';
import { boot } from '../../platform/boot.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { ProgressLine } from '../common/progress.ts';
import { survey } from './view.ts';

const CXL = '/sys/bus/cxl';
const MEMORY = '/sys/devices/system/memory';

async function defaultMachine(online: string): Promise<MachineClient> {
  const client = new MachineClient(boot(loadMachine('default')));
  await client.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
  await client.write(`${CXL}/devices/sysram_region0/online_type`, online);
  await client.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
  return client;
}

interface Asked {
  readonly client: SysfsClient;
  readonly paths: string[];
}

/** What is asked of `client`. */
function asking(client: SysfsClient): Asked {
  const paths: string[] = [];
  const note = (path: string): string => {
    paths.push(path);
    return path;
  };
  return {
    paths,
    client: {
      read: (path) => client.read(note(path)),
      write: (path, text) => client.write(path, text),
      readlink: (path) => client.readlink(note(path)),
      list: (path) => client.list(note(path)),
      watch: (path, changed) => client.watch(path, changed),
    },
  };
}

/** One line a block, each file of which is read. */
async function blockByBlock(client: SysfsClient): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await client.list(MEMORY)) {
    if (!/^memory\d+$/.test(name)) continue;
    const state = (await client.read(`${MEMORY}/${name}/state`)).trim();
    const zones = (await client.read(`${MEMORY}/${name}/valid_zones`)).trim();
    const nodes = (await client.list(`${MEMORY}/${name}`)).filter((each) => /^node\d+$/.test(each));
    lines.push(`${name} ${state} ${zones} ${nodes.join(',')}`);
  }
  return lines;
}

async function shown(client: SysfsClient): Promise<string[]> {
  const { blocks } = await survey(client, 'blocks');
  return blocks.flatMap(({ first, last, state, zones, node }) =>
    Array.from(
      { length: last - first + 1 },
      (_, index) => `memory${first + index} ${state} ${zones} ${node}`,
    ),
  );
}

describe('the blocks that cxlbox show shows', () => {
  it('are what their files say, whatever is online', async () => {
    const block = fc.nat(31).map((index) => 50 + index);
    const state = fc.constantFrom('offline', 'online', 'online_kernel', 'online_movable');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('offline', 'online_movable'),
        fc.array(fc.tuple(block, state), { maxLength: 12 }),
        async (online, writes) => {
          const client = await defaultMachine(online);
          for (const [id, text] of writes)
            await client.write(`${MEMORY}/memory${id}/state`, text).catch(() => undefined);
          expect(await shown(client)).toEqual(await blockByBlock(client));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(['offline', 'online_movable'])('are not asked one by one: all %s', async (online) => {
    const { client, paths } = asking(await defaultMachine(online));
    await survey(client, 'blocks');
    const asked = paths.filter((path) => /memory(?:5\d|6\d|7\d|8[01])\//.test(path));
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('ask for nothing else when nothing else is shown', async () => {
    const { client, paths } = asking(await defaultMachine('online_movable'));
    await survey(client, 'nodes');
    expect(paths.filter((path) => /cxl|\/memory\d|zoneinfo/.test(path))).toEqual([]);
  });

  it('are asked one by one where there is no /proc/zoneinfo', async () => {
    const client = await defaultMachine('online_movable');
    const without: SysfsClient = {
      ...asking(client).client,
      read: (path) => client.read(path.replace('zoneinfo', 'missing')),
    };
    expect(await shown(without)).toEqual(await blockByBlock(client));
  });
});

describe('the progress of a look at a machine', () => {
  it('is shown after a second, now and then, and taken away at the end', async () => {
    const client = await defaultMachine('offline');
    let now = 0;
    const written: string[] = [];
    const line = new ProgressLine({ now: () => now, write: (text) => void written.push(text) });
    const watched = line.watching(client);
    for (const at of [0, 999, 1000, 1100, 1200]) {
      now = at;
      await watched.read(`${MEMORY}/memory0/state`);
    }
    line.end();
    const erase = '\r\x1b[2K';
    const path = `${MEMORY}/memory0/state`;
    expect(written).toEqual([
      `${erase}3 files and directories read, now ${path}`,
      `${erase}5 files and directories read, now ${path}`,
      erase,
    ]);
  });

  it('is not shown if all is done within a second', async () => {
    const written: string[] = [];
    const line = new ProgressLine({ now: () => 0, write: (text) => void written.push(text) });
    await survey(line.watching(await defaultMachine('offline')));
    line.end();
    expect(written).toEqual([]);
  });
});
