/**
 * Looks for stale names in a box of the machine `default`: one thread changes the machine, others
 * look at names that come and go, by every system call that resolves a path.
 *
 * After each change the writer publishes the state that the machine is in; what a reader saw counts
 * if the state was the same before and after. What is there in each state is found beforehand by
 * listings alone, since a listing always asks the machine.
 *
 * Usage: stale-names.mjs OPERATIONS READERS SEED; prints { operations, probes, wrong } as JSON.
 */
import fs from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const DRIVERS = '/sys/bus/cxl/drivers';
const REGION = '/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0';
const DAX = `${REGION}/dax_region0/dax0.0`;
const MEMORY = '/sys/devices/system/memory';

const write = (path, text) => fs.writeFileSync(path, text);
const bind = (driver, device) => write(`${DRIVERS}/${driver}/bind`, device);
const unbind = (driver, device) => write(`${DRIVERS}/${driver}/unbind`, device);

/** Each state is reached from `idle`, and left for it. */
const STATES = [
  { name: 'idle', enter: () => {}, leave: () => {} },
  {
    name: 'device dax',
    enter: () => bind('cxl_devdax_region', 'region0'),
    leave: () => unbind('cxl_devdax_region', 'region0'),
  },
  {
    name: 'system ram',
    enter: () => {
      bind('cxl_sysram_region', 'region0');
      write('/sys/bus/cxl/devices/sysram_region0/online_type', 'offline');
      bind('cxl_dax_kmem_region', 'sysram_region0');
    },
    leave: () => {
      unbind('cxl_dax_kmem_region', 'sysram_region0');
      unbind('cxl_sysram_region', 'region0');
    },
  },
];
const SYSTEM_RAM = STATES.at(-1);

const CANDIDATES = [
  `${REGION}/dax_region0`,
  `${REGION}/driver`,
  DAX,
  `${DAX}/size`,
  `${DAX}/driver`,
  '/sys/bus/cxl/devices/dax_region0',
  '/sys/bus/dax/devices/dax0.0',
  `${DRIVERS}/cxl_devdax_region/region0`,
  `${DRIVERS}/cxl_sysram_region/region0`,
  `${REGION}/sysram_region0`,
  '/sys/bus/cxl/devices/sysram_region0',
];

const PROBES = {
  stat: (path) => fs.statSync(path),
  lstat: (path) => fs.lstatSync(path),
  access: (path) => fs.accessSync(path),
  realpath: (path) => fs.realpathSync.native(path),
  open: (path) => fs.closeSync(fs.openSync(path)),
  read: (path) => {
    if (fs.lstatSync(path).isFile()) fs.readFileSync(path);
  },
  readlink: (path) => {
    if (fs.lstatSync(path).isSymbolicLink()) fs.readlinkSync(path);
  },
  list: (path) => {
    if (fs.statSync(path).isDirectory()) fs.readdirSync(path);
  },
};
const KINDS = Object.keys(PROBES);

/** mulberry32 */
function randomFrom(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** 'there', or the code of the error. */
function probe(kind, path) {
  try {
    PROBES[kind](path);
    return 'there';
  } catch (error) {
    return error.code;
  }
}

/** [generation: odd while the machine changes, state, 1 at the end]. */
const GENERATION = 0;
const STATE = 1;
const END = 2;

function check(shared, paths, present, random, tell) {
  const before = Atomics.load(shared, GENERATION);
  const state = Atomics.load(shared, STATE);
  const path = random(paths.length);
  const kind = KINDS[random(KINDS.length)];
  const seen = probe(kind, paths[path]);
  if (before % 2 === 1 || Atomics.load(shared, GENERATION) !== before) return 0;
  const expected = present[state][path] ? 'there' : 'ENOENT';
  if (seen !== expected)
    tell(`${kind} ${paths[path]} in state ${STATES[state].name}: ${seen}, not ${expected}`);
  return 1;
}

function read({ shared, paths, present, seed }) {
  const random = randomFrom(seed);
  const wrong = [];
  let probes = 0;
  while (Atomics.load(shared, END) === 0)
    probes += check(shared, paths, present, random, (text) => wrong.push(text));
  parentPort.postMessage({ probes, wrong });
}

/** By listings from the root of /sys on, links followed by hand. */
function listed(path) {
  const at = path.lastIndexOf('/');
  if (at === 0) return true;
  return (
    listed(path.slice(0, at)) && fs.readdirSync(path.slice(0, at)).includes(path.slice(at + 1))
  );
}

function blocks() {
  return fs.readdirSync(MEMORY).filter((name) => /^memory\d+$/.test(name));
}

/** What is there in each state. */
function survey() {
  const before = new Set(blocks());
  SYSTEM_RAM.enter();
  const added = blocks().filter((name) => !before.has(name));
  SYSTEM_RAM.leave();
  const paths = [
    ...CANDIDATES,
    ...[added[0], added.at(-1)].flatMap((name) => [
      `${MEMORY}/${name}`,
      `${MEMORY}/${name}/state`,
      `/sys/bus/memory/devices/${name}`,
    ]),
  ];
  const present = STATES.map(({ enter, leave }) => {
    enter();
    const row = paths.map(listed);
    leave();
    return row;
  });
  return { paths, present };
}

async function main([operations, readers, seed]) {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  const { paths, present } = survey();
  const workers = Array.from(
    { length: readers },
    (_, index) =>
      new Worker(new URL(import.meta.url), {
        workerData: { shared, paths, present, seed: seed + 1 + index },
      }),
  );
  const ended = workers.map((worker) => new Promise((done) => worker.once('message', done)));
  const random = randomFrom(seed);
  const wrong = [];
  let probes = 0;
  let state = 0;
  for (let done = 0; done < operations; done += 1) {
    const next = state === 0 ? 1 + random(STATES.length - 1) : 0;
    Atomics.add(shared, GENERATION, 1);
    STATES[state].leave();
    STATES[next].enter();
    state = next;
    Atomics.store(shared, STATE, state);
    Atomics.add(shared, GENERATION, 1);
    for (let own = 0; own < 4; own += 1)
      probes += check(shared, paths, present, random, (text) => wrong.push(`writer: ${text}`));
  }
  Atomics.store(shared, END, 1);
  for (const result of await Promise.all(ended)) {
    probes += result.probes;
    wrong.push(...result.wrong);
  }
  STATES[state].leave();
  const changing = paths.filter(
    (_, path) => new Set(present.map((row) => row[path])).size > 1,
  ).length;
  console.log(JSON.stringify({ operations, probes, changing, wrong: wrong.slice(0, 20) }));
}

if (isMainThread) await main(process.argv.slice(2).map(Number));
else read(workerData);
