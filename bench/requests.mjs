import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title = 'requests that reach the machine, the second time that a command runs';

const cli = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin', 'cxlbox.js');
const REGION = '/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0';
const REQUEST = /^fuse > \d+ (\w+)/gm;

/** What is counted, the machine it runs on, what its requests are divided by. */
const ROWS = [
  { what: 'read of an attribute by the shell', command: `read -r line < ${REGION}/size` },
  { what: 'cat of an attribute', command: `cat ${REGION}/size` },
  { what: 'stat of an attribute', command: `stat ${REGION}/size` },
  { what: 'a walk down to a name that is missing', command: `test -e ${REGION}/missing` },
  { what: 'ls -l of a directory of 30', command: `ls -l ${REGION}` },
  { what: 'cxl list -vvv', command: 'cxl list -vvv', machine: 'switch2' },
  {
    what: 'lsmem, a block',
    command: 'lsmem',
    divisor: 'ls /sys/devices/system/memory | grep -c memory',
  },
];

/** Lines of the trace between two marks, in a box in which names are leased. */
function traced({ command, machine = 'default', divisor = 'echo 1' }, names) {
  const script = `
    { find /sys -ls; } >/dev/null 2>&1
    sleep 1
    { ${command}; } >/dev/null 2>&1
    echo MARK >&2
    { ${command}; } >/dev/null 2>&1
    echo MARK >&2
    ${divisor}`;
  const options = ['-m', machine, '--trace', 'fuse', '--names', names];
  const args = [cli, 'run', ...options, '--', 'sh', '-c', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const [, lines = ''] = stderr.split('MARK\n');
  return { opcodes: [...lines.matchAll(REQUEST)].map(([, name]) => name), by: Number(stdout) };
}

function histogram(opcodes) {
  const counts = new Map();
  for (const name of opcodes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
}

export async function run(report) {
  for (const row of ROWS) {
    const { opcodes, by } = traced(row, 'leased');
    const asked = traced(row, 'asked').opcodes.length;
    report({
      what: row.what,
      value: opcodes.length / by,
      against: `names asked for: ${(asked / by).toFixed(1)}; ${histogram(opcodes).join(', ')}`,
    });
  }
}
