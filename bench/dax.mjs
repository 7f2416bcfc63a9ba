import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title = 'a mapping of /dev/dax1.0 beside anonymous shared memory';

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(dirname(here), 'bin', 'cxlbox.js');
const LENGTH = 64 << 20;
/**
 * Boxes of each mode, in turn, and in each of them pairs, so that what else the machine does hits
 * all sides.
 */
const ROUNDS = 3;
const PAIRS = 4;
const MODES = ['direct', 'checked'];

function compile(folder) {
  const program = join(folder, 'dax-bench');
  const { status, error } = spawnSync('cc', ['-O2', '-o', program, join(here, 'dax.c')], {
    stdio: 'inherit',
  });
  return error === undefined && status === 0 ? program : undefined;
}

/** Rows of [first touch GB/s, copy GB/s, latency ns], alternating: the device, anonymous memory. */
function measure(program, mode) {
  const pair = `${program} /dev/dax1.0 ${LENGTH} && ${program} - ${LENGTH}`;
  const script = `echo region1 > /sys/bus/cxl/drivers/cxl_devdax_region/bind; ${`${pair} && `.repeat(PAIRS)} true`;
  const args = [cli, 'run', '--dax-memory', mode, '--', 'sh', '-c', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
}

/**
 * Where pages lie and what the neighbours do changes a copy by a tenth either way: neither the best
 * nor one run tells.
 */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function columnOf(rows, column) {
  return rows.map((row) => row[column]);
}

function compare(rows, mode, report) {
  const dax = rows.filter((_, index) => index % 2 === 0);
  const anonymous = rows.filter((_, index) => index % 2 === 1);
  const against = 'anonymous shared memory';
  const both = (what, column, unit) => {
    const ratio = median(dax.map((row, index) => row[column] / anonymous[index][column]));
    report({ what: `${mode}: ${what}`, value: median(columnOf(dax, column)), unit });
    report({ what: `${mode}: ${what}`, value: ratio, unit: 'x', against, goal: '0.95 to 1.05' });
  };
  both('copy bandwidth', 1, 'GB/s');
  both('random 8-byte read', 2, 'ns');
  // Only the first mapping of the device touches memory that was never used.
  const [[first]] = dax;
  report({ what: `${mode}: first touch`, value: first, unit: 'GB/s' });
  report({
    what: `${mode}: first touch`,
    value: first / median(columnOf(anonymous, 0)),
    unit: 'x',
    against,
  });
}

/** Once mapped, a page is a page: what is left of the difference is the way to it. */
function beside(rows, report) {
  const devices = MODES.map((mode) => rows[mode].filter((_, index) => index % 2 === 0));
  const [direct, checked] = devices;
  const against = 'direct, in the same run';
  report({
    what: 'checked: copy bandwidth once mapped',
    value: median(columnOf(checked, 1)) / median(columnOf(direct, 1)),
    unit: 'x',
    against,
    goal: 'at least 0.95',
  });
  report({
    what: 'checked: fault-in bandwidth',
    value: median(columnOf(checked, 0)),
    unit: 'GB/s',
  });
  report({
    what: 'checked: fault-in bandwidth',
    value: median(columnOf(checked, 0)) / median(columnOf(direct, 0)),
    unit: 'x',
    against,
  });
}

export async function run(report) {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-bench-'));
  try {
    const program = compile(folder);
    if (program === undefined) {
      report({ what: 'skipped: no C compiler', value: 'none' });
      return;
    }
    const rows = { direct: [], checked: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const mode of MODES) rows[mode].push(...measure(program, mode));
    for (const mode of MODES) compare(rows[mode], mode, report);
    beside(rows, report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
