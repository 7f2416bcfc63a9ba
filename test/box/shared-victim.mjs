// The user of test/box/shared-victim.ts, who lists, asks for capacity, attaches and opens a box,
// again and again, in whatever /dev/shm is there at that moment. A line of JSON on standard input
// asks for one visit; a line answers with what came of each command.
import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { main } from '../../dist/run/main.js';
import { attachHost } from '../../dist/shared-devices/attachment.js';
import { sharedRoot } from '../../dist/shared-devices/root.js';

const CLI = fileURLToPath(new URL('../../bin/cxlbox.js', import.meta.url));
const POOL = fileURLToPath(new URL('../../examples/shared-pool.yaml', import.meta.url));
const PARTITIONS = { ram: 2 ** 30, pmem: 0, dynamic_ram_a: 0 };
const COMMANDS = {
  list: ['shared', 'list'],
  capacity: ['capacity', 'add', 'pool', '--size', '256MiB'],
  run: ['run', '--machine', POOL, '--', 'true'],
};

/** What `main` of this process prints is put aside. */
async function inProcess(args) {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  let output = '';
  const keep = (text) => {
    output += text;
    return true;
  };
  for (const stream of streams) stream.write = keep;
  try {
    const status = await main(args);
    return { status, output };
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index];
  }
}

function asProgram(args) {
  const stdio = ['ignore', 'pipe', 'pipe'];
  const ran = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', stdio });
  return { status: ran.status, output: ran.stdout + ran.stderr };
}

function attach(name) {
  try {
    attachHost(sharedRoot(), [{ name, pci: '0000:0d:00.0', partitions: PARTITIONS }]).leave();
    return `${name} attached`;
  } catch ({ code, message }) {
    return `${name} ${code ?? message}`;
  }
}

async function visit({ root, programs }) {
  process.env.CXLBOX_SHARED = root;
  const attempt = async (name) => {
    const { status, output } = await (programs ? asProgram : inProcess)(COMMANDS[name]);
    const codes = [...output.matchAll(/CXLBOX_[A-Z_]*(?=\])/g)].map(String);
    return [name, status, ...new Set(codes.sort())].join(' ');
  };
  const asked = [await attempt('list'), await attempt('capacity')];
  return [...asked, attach('pool'), attach('other'), await attempt('run')];
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answer = asked.root === undefined ? [] : await visit(asked);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
