// One measurement of bench/scale.mjs in a process of its own, so that its resident size is its own: a machine of
// argv[2] TiB in one 16-way region; or, for 'rack', the boot of rack-64t. Prints JSON.
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from '../dist/kernfs/access.js';
import { sortAsSysfs } from '../dist/kernfs/readdir-order.js';
import { loadMachine, machineFile } from '../dist/machine-files/load.js';
import { offlineBlock } from '../dist/mm/hotplug/offline-pages.js';
import { onlineBlock } from '../dist/mm/hotplug/online-pages.js';
import { boot } from '../dist/platform/boot.js';
import { parseMachine } from '../dist/platform/description/parse.js';

const MEMORY = '/sys/devices/system/memory';
const DRIVER = '/sys/bus/cxl/drivers/cxl_region';

function milliseconds(work) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function wide(tebibytes) {
  const text = readFileSync(machineFile('wide-64t'), 'utf8')
    .replace('size: 64TiB', `size: ${tebibytes}TiB`)
    .replace('ram: 4TiB', `ram: ${tebibytes * 64}GiB`)
    .replace('auto_online_blocks: online_movable', 'auto_online_blocks: offline');
  return parseMachine(text, 'wide.yaml');
}

function inMegabytes(bytes) {
  return bytes / 2 ** 20;
}

/** A weak reference given out in a turn of the event loop lives as long as the turn; a box ends its turns alike. */
const WRITES_A_TURN = 4096;

async function measureWide(tebibytes) {
  const { kernel, mm } = boot(wide(tebibytes));
  const { blocks } = mm.hotplug.context;
  const write = (path, text) => {
    writeFile(kernel.root, path, text);
    kernel.work.settle();
  };
  write(`${DRIVER}/unbind`, 'region0');
  write(`${MEMORY}/auto_online_blocks`, 'online_movable');
  const online = milliseconds(() => write(`${DRIVER}/bind`, 'region0'));
  globalThis.gc?.();
  const resident = inMegabytes(process.memoryUsage.rss());
  const count = tebibytes * 8192;
  const first = [...blocks.ids()].at(-count);
  const names = [...kernel.directory('devices/system/memory').names()];
  const list = milliseconds(() => sortAsSysfs(names));
  const { context } = mm.hotplug;
  const offline = milliseconds(() => {
    for (let id = first + count - 1; id >= first; id -= 1) offlineBlock(context, id);
  });
  for (let id = first; id < first + count; id += 1) onlineBlock(context, id);
  let written = 0;
  for (let last = first + count; last > first; last -= WRITES_A_TURN) {
    written += milliseconds(() => {
      for (let id = last - 1; id >= last - WRITES_A_TURN; id -= 1) {
        writeFile(kernel.root, `${MEMORY}/memory${id}/state`, 'offline');
      }
    });
    await new Promise((resume) => setImmediate(resume));
  }
  const state = readFile(kernel.root, `${MEMORY}/memory${first}/state`).trim();
  if (state !== 'offline') throw new Error(`memory${first} is ${state}`);
  return { count, online, offline, written, list, resident };
}

function measureRack() {
  let description;
  const load = milliseconds(() => {
    description = loadMachine('rack-64t');
  });
  let machine;
  const booting = milliseconds(() => {
    machine = boot(description);
  });
  globalThis.gc?.();
  const resident = inMegabytes(process.memoryUsage.rss());
  return { load, booting, resident, count: machine.mm.hotplug.context.blocks.count };
}

const what = process.argv[2] ?? '64';
console.log(JSON.stringify(what === 'rack' ? measureRack() : await measureWide(Number(what))));
