// The page allocator of the model against a plain buddy allocator in C that runs the same requests,
// and bulk allocation, where most of the work is not done at all. Processor time, since the machine
// may be shared.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const title = 'page allocator';

const { PageOwners } = await import('../dist/mm/page-allocator/page-owner.js');
const { ZonePages } = await import('../dist/mm/page-allocator/zone-pages.js');
const { givePages, takePages } = await import('../dist/mm/page-allocator/bulk.js');
const { PAGE_KIND } = await import('../dist/mm/page-allocator/page-kind.js');

const BLOCK_PAGES = 32768;
const BLOCKS = 32;
const LIVE = 65536;
const BATCH = 64;
const ROUNDS = 50_000;
const MOVABLE = 1;

function zone(blocks) {
  const pages = new ZonePages(BLOCK_PAGES, new PageOwners());
  for (let id = 0; id < blocks; id += 1) pages.addBlock(id);
  return pages;
}

/** The loop of buddy.c. */
function replace(mixed, rounds) {
  const pages = zone(BLOCKS);
  const owner = pages.owners.create('bench', PAGE_KIND.anon).id;
  const held = new Int32Array(LIVE);
  for (let at = 0; at < LIVE; at += 1)
    held[at] = pages.allocate(mixed ? at & 3 : 0, MOVABLE, owner);
  let seed = 12345;
  const start = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    const first = seed;
    for (let each = 0; each < BATCH; each += 1) {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      const at = (seed >>> 8) % LIVE;
      if (held[at] >= 0) pages.release(held[at]);
      held[at] = -1;
    }
    seed = first;
    for (let each = 0; each < BATCH; each += 1) {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      const at = (seed >>> 8) % LIVE;
      if (held[at] < 0) held[at] = pages.allocate(mixed ? (seed >>> 4) & 3 : 0, MOVABLE, owner);
    }
  }
  const { user, system } = process.cpuUsage(start);
  return (2 * rounds * BATCH) / ((user + system) / 1e6);
}

/** replace() in a process of its own, so that no run is compiled for the shapes of another. */
function alone(mixed) {
  const program = `const { measure } = await import(${JSON.stringify(import.meta.url)}); console.log(measure(${mixed}))`;
  return Number(
    spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
      .stdout,
  );
}

export function measure(mixed) {
  replace(mixed, ROUNDS / 4);
  return best(() => replace(mixed, ROUNDS));
}

/** Operations a second of buddy.c by kind, or undefined without a compiler. */
function inC() {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-buddy-'));
  try {
    const program = join(folder, 'buddy');
    const built = spawnSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'buddy.c')]);
    if (built.status !== 0) return undefined;
    return (mixed) => {
      const args = [BLOCK_PAGES * BLOCKS, LIVE, BATCH, ROUNDS, mixed ? 1 : 0].map(String);
      return Number(spawnSync(program, args, { encoding: 'utf8' }).stdout.split(' ')[0]);
    };
  } finally {
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}

function bulk(gibibytes) {
  const pages = zone(gibibytes * 8);
  const owner = pages.owners.create('bench', PAGE_KIND.anon);
  const wanted = gibibytes * 262144;
  const start = performance.now();
  const taken = takePages(pages, owner, wanted);
  const middle = performance.now();
  const given = givePages(pages, owner, wanted);
  if (taken !== wanted || given !== wanted)
    throw new Error(`took ${taken}, gave ${given} of ${wanted} pages`);
  return { take: middle - start, give: performance.now() - middle };
}

function best(measure) {
  return [1, 2, 3, 4, 5].map(measure).reduce((a, b) => Math.max(a, b));
}

export async function run(report) {
  const reference = inC();
  for (const mixed of [false, true]) {
    const native = reference === undefined ? 0 : best(() => reference(mixed));
    const what = mixed ? 'orders 0 to 3' : 'order 0';
    const own = alone(mixed);
    report({ what, value: own / 1e6, unit: 'Mop/s' });
    if (native === 0) continue;
    const against = `C: ${(native / 1e6).toFixed(1)} Mop/s`;
    report({ what: `${what}: of C`, value: own / native, unit: 'x', against, goal: '>= 0.5x' });
  }
  if (reference === undefined)
    report({ what: 'no C compiler: nothing to compare with', value: '-' });
  bulk(1024);
  for (const [gibibytes, goal] of [
    [1024, '< 10 ms'],
    [65536, ''],
  ]) {
    const { take, give } = bulk(gibibytes);
    report({ what: `bulk allocation of ${gibibytes / 1024} TiB`, value: take, unit: 'ms', goal });
    report({ what: `bulk free of ${gibibytes / 1024} TiB`, value: give, unit: 'ms' });
  }
}
