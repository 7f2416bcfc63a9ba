import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title = '64 TiB: 524,288 memory blocks, 4,096 devices';

const folder = dirname(fileURLToPath(import.meta.url));
const cli = join(dirname(folder), 'bin', 'cxlbox.js');
const SIZES = [1, 4, 16, 64];

function child(what) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', join(folder, 'scale-child.js'), String(what)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`scale-child ${what} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

function model(report) {
  const rows = SIZES.map(child);
  const [smallest] = rows;
  const largest = rows.at(-1);
  for (const [index, { count, online, offline }] of rows.entries()) {
    const growth = (key, value) =>
      `${(value / count / (smallest[key] / smallest.count)).toFixed(2)}x a block of 1 TiB`;
    report({
      what: `add and online ${SIZES[index]} TiB`,
      value: online,
      unit: 'ms',
      against: growth('online', online),
    });
    report({
      what: `offline ${SIZES[index]} TiB`,
      value: offline,
      unit: 'ms',
      against: growth('offline', offline),
    });
  }
  report({ what: 'add and online 64 TiB', value: largest.online, unit: 'ms', goal: 'under 1000' });
  report({ what: 'offline 64 TiB', value: largest.offline, unit: 'ms', goal: 'under 2000' });
  report({
    what: 'resident size with 64 TiB online',
    value: largest.resident,
    unit: 'MB',
    goal: 'under 300',
  });
  report({
    what: 'sysfs order of the memory directory',
    value: largest.list,
    unit: 'ms',
    goal: 'under 1000',
  });
  const rack = child('rack');
  report({ what: 'rack-64t: machine file', value: rack.load, unit: 'ms' });
  report({
    what: 'rack-64t: boot, all online',
    value: rack.booting,
    unit: 'ms',
    goal: 'under 1000',
  });
  report({
    what: 'rack-64t: resident size',
    value: rack.resident,
    unit: 'MB',
    goal: 'under 150',
  });
}

/**
 * Commands in one box; `seconds`, `bytes` of output, and the peak resident size of the box's own
 * process, MB.
 */
function inBox(machine, commands) {
  const script = commands.map(
    (command) =>
      `s=$(date +%s%N); b=$(${command} 2>/dev/null | wc -c); e=$(date +%s%N); ` +
      'r=$(for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = node ] && grep VmHWM $p/status; done | ' +
      'sort -k2 -n | tail -1 | tr -dc 0-9); echo "$(( (e - s) / 1000000 )) $b $r"',
  );
  const { stdout, status } = spawnSync(
    process.execPath,
    [cli, 'run', '--machine', machine, '--', 'sh', '-c', script.join('; ')],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the box of ${machine} ended with ${status}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([time, bytes, kilobytes]) => ({
      seconds: time / 1000,
      bytes,
      megabytes: kilobytes / 1024,
    }));
}

const QUICK = ['ls /sys/devices/system/memory', 'numactl -H'];
const DEVICES = ['cxl list -M'];
/** Our own views, which read what is shown. */
const OWN = ['cxlbox show', 'cxlbox memory'];
/** Asks for every block by name, some 21 requests each: minutes, so only if asked for. */
const SLOW = ['lsmem'];

function boxes(report) {
  const slow = process.env.CXLBOX_BENCH_SLOW === '1' ? SLOW : [];
  for (const [machine, commands] of [
    ['wide-64t', [...QUICK, ...slow]],
    ['rack-64t', [...QUICK, ...DEVICES, ...OWN, ...slow]],
  ]) {
    const rows = inBox(machine, commands);
    // The listing of all blocks, which each of the others makes as well.
    const [listing] = rows;
    for (const [index, { seconds, bytes, megabytes }] of rows.entries()) {
      report({
        what: `${machine}: ${commands[index]}`,
        value: seconds,
        unit: 's',
        against: `${(seconds / listing.seconds).toFixed(1)}x ls; ${bytes} bytes; box ${Math.round(megabytes)} MB`,
      });
    }
  }
}

export async function run(report) {
  model(report);
  boxes(report);
}
