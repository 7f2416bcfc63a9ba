import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.mjs';

export const title = 'the machine in process';

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');
const CXL = '/sys/bus/cxl';
const ROUNDS = 15;
const READS = 20_000;

/** Through links, by the directory itself, and of an object that is made on lookup. */
const READ = [
  `${CXL}/devices/region0/size`,
  '/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/size',
  '/sys/devices/system/memory/memory0/state',
];

async function milliseconds(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** The median of the time of each, taken by turns: both get what the machine has at the time. */
async function byTurns(one, other) {
  const times = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    times[0].push(await milliseconds(one));
    times[1].push(await milliseconds(other));
  }
  return times.map(median);
}

function plainFile() {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-bench-'));
  const path = join(folder, 'size');
  writeFileSync(path, '4294967296\n');
  return {
    read: () => {
      for (let i = 0; i < READS; i += 1) readFileSync(path, 'latin1');
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function reads(report, client) {
  const plain = plainFile();
  for (const path of READ) {
    const [own, file] = await byTurns(async () => {
      for (let i = 0; i < READS; i += 1) await client.read(path);
    }, plain.read);
    report({
      what: `MachineClient.read ${path.slice('/sys/'.length)}`,
      value: (READS / own) * 1000,
      unit: '/s',
      against: `${(file / own).toFixed(1)}x readFileSync of a plain file`,
      goal: '600000',
    });
  }
  plain.remove();
}

/** region0 bound and onlined by two writes and a policy: 32 blocks. */
async function twoStages(client) {
  await client.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
  await client.write(`${CXL}/devices/sysram_region0/online_type`, 'online_movable');
  await client.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
}

export async function run(report) {
  const { boot } = await import(join(dist, 'platform', 'boot.js'));
  const { loadMachine } = await import(join(dist, 'machine-files', 'load.js'));
  const { MachineClient } = await import(join(dist, 'sysfs-client', 'machine-client.js'));
  const description = loadMachine('default');
  const first = await milliseconds(() => boot(description));
  const plain = plainFile();
  const [booting, file] = await byTurns(() => boot(description), plain.read);
  plain.remove();
  const opens = `${Math.round(booting / (file / READS))} times readFileSync of a plain file`;
  report({ what: 'boot of default, the first', value: first, unit: 'ms' });
  report({ what: 'boot of default, later', value: booting, unit: 'ms', against: opens, goal: '6' });
  const stages = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const client = new MachineClient(boot(description));
    stages.push(await milliseconds(() => twoStages(client)));
  }
  report({ what: 'two stages to 32 blocks online', value: median(stages), unit: 'ms', goal: '1' });
  await reads(report, new MachineClient(boot(description)));
}
