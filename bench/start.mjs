import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title = 'opening a box around `true`';

const cli = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin', 'cxlbox.js');
const ROUNDS = 11;
const BARE = ['-e', '0'];
const BOX = [cli, 'run', '--', 'true'];

function milliseconds(args) {
  const begin = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - begin;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Each pair is one after the other, so that what else the host does is the same for both. */
function pairs() {
  return Array.from({ length: ROUNDS }, () => {
    const bare = milliseconds(BARE);
    const box = milliseconds(BOX);
    return { bare, box, ratio: box / bare };
  });
}

/** Empty if it has ended, or is another user's. */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** What a process is called in the table. */
const NAMES = [
  ['machine-process', /^[^\0]*node\0.*machine-process/s],
  ['cxlbox', /^[^\0]*node\0.*cxlbox\.js\0run/s],
  ['unshare', /^unshare\0/],
  ['shells', /^\/bin\/sh\0/],
];

/** Proportional set size of the processes of an idle box, kB by name; not that of its command. */
async function memory() {
  const marker = `CXLBOX_BENCH=${process.pid}.`;
  const command = ['run', '--', 'sh', '-c', 'echo open; read -r end'];
  const box = spawn(process.execPath, [cli, ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, CXLBOX_BENCH: `${process.pid}.` },
  });
  await new Promise((open) => box.stdout.once('data', open));
  const sizes = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!read(pid, 'environ').includes(marker)) continue;
    const line = read(pid, 'cmdline');
    const name = NAMES.find(([, pattern]) => pattern.test(line))?.[0];
    const size = /^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup'))?.[1];
    if (name !== undefined) sizes.set(name, (sizes.get(name) ?? 0) + Number(size ?? 0));
  }
  box.stdin.end('\n');
  await new Promise((ended) => box.on('close', ended));
  return sizes;
}

/** The marks of one start, as docs/box.md describes them. */
function timeLine() {
  const { stderr } = spawnSync(process.execPath, BOX, {
    encoding: 'utf8',
    env: { ...process.env, CXLBOX_TIMING: '1' },
  });
  const lines = [...stderr.matchAll(/^cxlbox: timing +([\d.]+) ms {2}(\S+) +(.*)$/gm)];
  return lines
    .map(([, time, process, reached]) => ({ time: Number(time), what: `${process}: ${reached}` }))
    .sort((a, b) => a.time - b.time);
}

export async function run(report) {
  // The first one may have to compile what the others find in the cache.
  milliseconds(BOX);
  const rounds = pairs();
  const ratio = median(rounds.map((each) => each.ratio));
  const goal = Number(process.versions.node.split('.')[0]) > 20 ? 'up to 5' : 'up to 2.5';
  report({
    what: 'cxlbox run -- true',
    value: median(rounds.map((each) => each.box)),
    unit: 'ms',
    against: `bare Node ${median(rounds.map((each) => each.bare)).toFixed(0)} ms`,
  });
  report({ what: 'the same, in starts of a bare Node', value: ratio, unit: 'x', goal });
  const sizes = await memory();
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  report({ what: 'memory of the box (PSS)', value: total / 1024, unit: 'MB', goal: 'up to 60' });
  for (const [name, size] of sizes)
    report({ what: `  of that ${name}`, value: size / 1024, unit: 'MB' });
  for (const { time, what } of timeLine()) report({ what: `  ${what}`, value: time, unit: 'ms' });
}
