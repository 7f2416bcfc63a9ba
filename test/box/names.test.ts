// Names that the kernel keeps, seen by programs. `npm run explore -- names` searches longer.
import { constants } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CLI } from '../cxlbox.ts';
import { BOX_USERS, lacksBox, needs } from '../needs.ts';
import { type Finished, finish, startProgram, type Who } from './box-process.ts';
import { findStaleNames } from './stale-names.ts';

const REGION = '/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0';
const DRIVER = '/sys/bus/cxl/drivers/cxl_devdax_region';
/** More lookups than a box takes before it asks for its guard, and the time that the guard takes. */
const WARM_UP = 'find /sys/bus /sys/devices -ls > /dev/null; sleep 1';

/** The guard may take longer on a busy host; that it is there is seen at some of the next lookups. */
const WAIT_FOR_LEASES = `try=0
  while [ $try -lt 30 ]; do read -r line < ${REGION}/size; sleep 0.1; try=$((try + 1)); done`;

function runScript(who: Who, options: readonly string[], script: string): Promise<Finished> {
  const command = [CLI, 'run', ...options, '--', 'sh', '-c', `${WARM_UP}\n${script}`];
  return finish(startProgram(who, [process.execPath, ...command]), '');
}

describe.each(BOX_USERS)('names in a box of $who', needs(lacksBox()), ({ who }) => {
  test.each(['leased', 'asked'] as const)('that are %s are never stale', async (names) => {
    const found = await findStaleNames({ who, names, operations: 300, readers: 4, seed: 1 });
    expect(found.wrong).toEqual([]);
    expect(found.changing).toBeGreaterThan(8);
    expect(found.probes).toBeGreaterThan(1000);
  });

  test.each([
    ['leased', false],
    ['asked', true],
  ])('that are %s: a walk asks for them: %s', async (names, asks) => {
    const script = `
      ${WAIT_FOR_LEASES}
      echo FIRST >&2
      read -r line < ${REGION}/size
      echo SECOND >&2`;
    const { stderr, status } = await runScript(who, ['--names', names, '--trace', 'fuse'], script);
    expect(status, stderr.slice(-300)).toBe(0);
    expect(stderr).toContain(`names are ${names}`);
    const requests = stderr.split('FIRST')[1]?.split('SECOND')[0] ?? '';
    expect(requests).toMatch(/> \d+ OPEN /);
    expect(/> \d+ LOOKUP /.test(requests)).toBe(asks);
  });

  test('that are leased leave the standard streams as they are', async () => {
    const flags = 'sed -n "s/^flags:[[:space:]]*//p" /proc/$$/fdinfo/';
    const script = `${WAIT_FOR_LEASES}; for n in 0 1 2; do ${flags}$n; done`;
    const { stdout } = await runScript(who, [], script);
    const lines = stdout.trim().split('\n');
    const nonblocking = lines.map((text) => Number.parseInt(text, 8) & constants.O_NONBLOCK);
    expect(nonblocking).toEqual([0, 0, 0]);
  });

  test('go, and what is mounted below /sys stays', async () => {
    const script = `
      grep -c ' /sys/' /proc/self/mounts
      echo region0 > ${DRIVER}/bind
      stat -c %n ${REGION}/dax_region0
      echo region0 > ${DRIVER}/unbind
      stat -c %n ${REGION}/dax_region0 || echo gone
      grep -c ' /sys/' /proc/self/mounts`;
    const { stdout, stderr } = await runScript(who, [], script);
    const [before = '', path, gone, after] = stdout.trim().split('\n');
    expect([path, gone, after], stderr).toEqual([`${REGION}/dax_region0`, 'gone', before]);
    expect(Number(before)).toBeGreaterThan(0);
  });
});
