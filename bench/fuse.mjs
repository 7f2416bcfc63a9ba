import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.mjs';

export const title =
  'open + read + close of an attribute, seven components deep, beside C servers of libfuse';

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(dirname(here), 'bin', 'cxlbox.js');
const COUNT = '20000';
const ROUNDS = 5;
const ATTRIBUTE = '/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/size';
const SAME_DEPTH = 'd/d/d/d/d/d/value';
const MICROSECONDS = 1_000_000;

function compile(folder) {
  const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' });
  if (flags.status !== 0) return 'libfuse3 (package libfuse3-dev)';
  try {
    execFileSync('cc', ['-O2', '-o', join(folder, 'read-loop'), join(here, 'read-loop.c')]);
    const sources = ['-O2', '-o', join(folder, 'constant-fs'), join(here, 'constant-fs.c')];
    execFileSync('cc', [...sources, ...flags.stdout.trim().split(/\s+/)]);
  } catch (error) {
    return `a C compiler (${error.message})`;
  }
  return undefined;
}

/** Microseconds a loop. */
function time(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return MICROSECONDS / Number(stdout.trim());
}

/** The C server in a private namespace; it is gone with the shell. */
function serverTime(folder, pin, seconds) {
  const loop = `"$0/read-loop" "$0/mnt/${SAME_DEPTH}"`;
  const script = `mkdir -p "$0/mnt" && NAME_SECONDS=${seconds} ${pin} "$0/constant-fs" -f -s "$0/mnt" & server=$!
    while ! [ -e "$0/mnt/value" ]; do sleep 0.05; done
    ${pin} ${loop} 100 >/dev/null; ${pin} ${loop} ${COUNT}; umount "$0/mnt"; wait $server`;
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return time('unshare', [
    ...user,
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    folder,
  ]);
}

/** Names are leased some time after the box was opened. */
function boxTime(folder, pin, names) {
  const loop = `"$0/read-loop" "${ATTRIBUTE}"`;
  const script = `${loop} 100 >/dev/null; sleep 1; ${loop} ${COUNT}`;
  const box = [process.execPath, cli, 'run', '--names', names, '--', 'sh', '-c', script, folder];
  const [program, ...args] = [...pin.split(' ').filter((word) => word !== ''), ...box];
  return time(program, args);
}

const SIDES = {
  leased: (folder, pin) => boxTime(folder, pin, 'leased'),
  asked: (folder, pin) => boxTime(folder, pin, 'asked'),
  'C server that leases': (folder, pin) => serverTime(folder, pin, 3600),
  'C server without timeouts': (folder, pin) => serverTime(folder, pin, 0),
};

/** Alternating, so that what else the machine does hits all sides. */
function compare(folder, pin) {
  const times = Object.fromEntries(Object.keys(SIDES).map((side) => [side, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [side, measure] of Object.entries(SIDES)) times[side].push(measure(folder, pin));
  return Object.fromEntries(Object.entries(times).map(([side, values]) => [side, median(values)]));
}

export async function run(report) {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-bench-'));
  try {
    const missing = compile(folder);
    if (missing !== undefined) {
      report({ what: `not measured: needs ${missing}`, value: '-' });
      return;
    }
    for (const [where, pin] of [
      ['client and server on one processor', 'taskset -c 0'],
      ['free to use all processors', ''],
    ]) {
      const times = compare(folder, pin);
      const goal = pin === '' ? '' : 'at most 40';
      report({ what: `names leased, ${where}`, value: times.leased, unit: 'us', goal });
      report({ what: 'names asked for', value: times.asked, unit: 'us' });
      for (const [side, least] of [
        ['C server that leases', 0.9],
        ['C server without timeouts', 3],
      ]) {
        const against = `${side} ${times[side].toFixed(1)} us`;
        const value = times[side] / times.leased;
        report({ what: 'as fast as', value, unit: 'x', against, goal: `at least ${least}` });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
