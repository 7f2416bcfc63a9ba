import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title =
  'open + read + close of an attribute, beside a C server of libfuse that serves a constant';

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(dirname(here), 'bin', 'cxlbox.js');
const COUNT = '40000';
const ROUNDS = 3;
const ATTRIBUTE = '/sys/bus/cxl/drivers_autoprobe';

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

function rate(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return Number(stdout.trim());
}

/** The C server in a private namespace; it is gone with the shell. */
function serverRate(folder, pin) {
  const script = `mkdir -p "$0/mnt" && ${pin} "$0/constant-fs" -f -s "$0/mnt" & server=$!
    while ! [ -e "$0/mnt/value" ]; do sleep 0.05; done
    ${pin} "$0/read-loop" "$0/mnt/value" ${COUNT}; umount "$0/mnt"; wait $server`;
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return rate('unshare', [
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

function boxRate(folder, pin) {
  const command = [process.execPath, cli, 'run', '--', join(folder, 'read-loop'), ATTRIBUTE, COUNT];
  const [program, ...args] = [...pin.split(' ').filter((word) => word !== ''), ...command];
  return rate(program, args);
}

/** Alternating, so that what else the machine does hits both; the best of each. */
function compare(folder, pin) {
  let server = 0;
  let box = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    server = Math.max(server, serverRate(folder, pin));
    box = Math.max(box, boxRate(folder, pin));
  }
  return { server, box };
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
      const { server, box } = compare(folder, pin);
      report({ what: `box, ${where}`, value: box, unit: '/s', against: `C server ${server} /s` });
      report({ what: 'ratio', value: box / server, unit: 'x', goal: 'at least 0.8' });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
