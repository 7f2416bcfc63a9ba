// Dynamic capacity: many extents come, one by one, and surface, beside the same memory in one
// piece. In the model, since a box adds only the way of a write to it; then the same through a box,
// by the command line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFile } from '../dist/kernfs/access.js';
import { boot } from '../dist/platform/boot.js';
import { parseMachine } from '../dist/platform/description/parse.js';

export const title = '1,000 extents of 256 MiB come and go';

const COUNT = 1000;
const EXTENT = 256 * 2 ** 20;
const cli = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin', 'cxlbox.js');

/**
 * 250 GiB, in a partition of that name. Each block hosts its own page structures: 4 GiB of them
 * would fit nowhere.
 */
const machine = (partition, more = '') => `
boot: { memmap_on_memory: Y, auto_online_blocks: online_movable }
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows: [{base: 0x190000000, size: 512GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: pool}]}]
devices: {pool: {${partition}: 250GiB}}
regions: [{devices: [pool], type: ${partition}${more}}]
`;

const CXL = '/sys/bus/cxl';
const BINDINGS = {
  cxl_devdax_region: [[`${CXL}/drivers/cxl_devdax_region/bind`, 'region0']],
  cxl_sysram_region: [
    [`${CXL}/drivers/cxl_sysram_region/bind`, 'region0'],
    [`${CXL}/devices/sysram_region0/online_type`, 'online_movable'],
    [`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0'],
  ],
};

function start(partition) {
  const { kernel } = boot(parseMachine(machine(partition), 'extents.yaml'));
  return (path, text) => {
    writeFile(kernel.root, path, text);
    kernel.work.settle();
  };
}

function seconds(work) {
  const begin = performance.now();
  work();
  return (performance.now() - begin) / 1000;
}

function bind(write, driver) {
  for (const [path, text] of BINDINGS[driver]) write(path, text);
}

function inModel(driver, report) {
  const whole = start('ram');
  const once = seconds(() => bind(whole, driver));
  const write = start('dynamic_ram_a');
  bind(write, driver);
  const each = (file, words = '') =>
    seconds(() => {
      for (let index = 0; index < COUNT; index += 1)
        write(
          `/sys/kernel/debug/cxlbox/capacity/mem0/${file}`,
          `${index * EXTENT} ${EXTENT}${words}`,
        );
    });
  const added = each('add');
  report({ what: `${driver}: add`, value: added, unit: 's' });
  report({
    what: `${driver}: add`,
    value: added / once,
    unit: 'x',
    against: 'the same memory in one piece',
  });
  if (driver === 'cxl_devdax_region')
    report({ what: `${driver}: release`, value: each('release'), unit: 's' });
}

function inBox(report) {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-bench-'));
  try {
    const file = join(folder, 'extents.yaml');
    writeFileSync(file, machine('dynamic_ram_a', ', driver: cxl_devdax_region'));
    const add = `${process.execPath} ${cli} capacity add mem0 --size ${EXTENT} --count ${COUNT} > ${folder}/added`;
    const script = `begin=$(date +%s%N); ${add} || exit; end=$(date +%s%N); ls /dev | grep -c '^dax'; echo $((end - begin))`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [cli, 'run', '--machine', file, '--', 'sh', '-c', script],
      { encoding: 'utf8' },
    );
    const [devices, nanoseconds] = stdout.trim().split('\n').map(Number);
    if (status !== 0 || devices !== COUNT)
      throw new Error(`${devices} of ${COUNT} devices came: ${stderr}`);
    report({
      what: 'cxlbox capacity add --count 1000, in a box',
      value: nanoseconds / 1e9,
      unit: 's',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function run(report) {
  for (const driver of Object.keys(BINDINGS)) inModel(driver, report);
  inBox(report);
}
