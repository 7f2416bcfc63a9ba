import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title = 'opening a box around `true`';

const cli = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin', 'cxlbox.js');
const ROUNDS = 9;

function milliseconds(command, args) {
  const begin = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  return performance.now() - begin;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Peak resident size of the box's own process, which holds machine and server, kB. */
function residentSize() {
  const script =
    'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" = node ] && grep VmHWM $p/status; done';
  const { stdout } = spawnSync(process.execPath, [cli, 'run', '--', 'sh', '-c', script], {
    encoding: 'utf8',
  });
  return Math.max(...[...stdout.matchAll(/VmHWM:\s+(\d+) kB/g)].map((match) => Number(match[1])));
}

export async function run(report) {
  const box = [];
  const bare = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(milliseconds(process.execPath, ['-e', '0']));
    box.push(milliseconds(process.execPath, [cli, 'run', '--', 'true']));
  }
  const time = median(box);
  report({ what: 'cxlbox run -- true', value: time, unit: 'ms', goal: 'under 400' });
  report({ what: 'the same, in starts of a bare Node', value: time / median(bare), unit: 'x' });
  report({
    what: 'peak resident size inside',
    value: residentSize() / 1024,
    unit: 'MB',
    goal: 'under 120',
  });
}
