// dmesg, events, record and diff as a user runs them, in a box and outside.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boxOfSuite } from '../box/open-box.ts';
import { cxlbox, inBox, ROOT } from '../cxlbox.ts';
import { lacksBox, needs } from '../needs.ts';

const CLI = `node ${join(ROOT, 'bin/cxlbox.js')}`;
const BASELINE = join(ROOT, 'conformance/open/direct2-baseline.jsonl.gz');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-observe-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('in a box', needs(lacksBox()), () => {
  const box = boxOfSuite(undefined, {
    restore: 'echo region0 > /sys/bus/cxl/drivers/cxl_devdax_region/unbind',
  });

  it('dmesg tells why a write was refused, at open too', async () => {
    const { stdout } = await box(
      `echo 3 > /sys/bus/cxl/devices/region0/size; echo x > /sys/bus/cxl/devices/region0/mode; ${CLI} dmesg`,
    );
    expect(stdout).toMatch(/region0\/size: write refused: EBUSY: region0 has a size already/);
    expect(stdout).toMatch(/region0\/mode: write refused: EACCES: mode cannot be written/);
  });

  it('events has the events of a bind, the last one last, as many as were sent', async () => {
    const { stdout } = await box(
      `echo region0 > /sys/bus/cxl/drivers/cxl_devdax_region/bind; ${CLI} events --json; cat /sys/kernel/uevent_seqnum`,
    );
    const lines = stdout.trimEnd().split('\n');
    const last: unknown = JSON.parse(lines.at(-2) ?? '');
    expect(last).toMatchObject({
      action: 'bind',
      subsystem: 'cxl',
      sequence: Number(lines.at(-1)),
    });
    expect(stdout).toContain('"DEVNAME":"dax0.0"');
  });

  it('record and diff see what a bind changed', async () => {
    const before = join(folder, 'before.jsonl');
    const { stdout, status } = await box(
      `${CLI} record --raw > ${before}
       echo region0 > /sys/bus/cxl/drivers/cxl_devdax_region/bind
       ${CLI} diff ${before} /sys; echo status $?`,
    );
    expect(stdout).toMatch(/^\+ \/sys\/bus\/dax\/devices\/dax0\.0: link to /m);
    expect(stdout).toMatch(/region0\/uevent: file 0644 .* -> .*DRIVER=cxl_devdax_region/);
    expect(stdout).toMatch(/status 1\n$/);
    expect(status).toBe(0);
  });

  it('the machine of a recording is the recorded one, in every file of nodes and tiers', () => {
    const { stdout, status } = inBox(
      `${CLI} diff --root /sys/devices/system/node /sys/devices/virtual/memory_tiering -- ${BASELINE} /sys`,
      { machine: 'direct2' },
    );
    expect(stdout).toMatch(/^\d+ nodes compared: 0 only in .*, 0 only in \/sys, 0 different\n$/);
    expect(status).toBe(0);
  });
});

describe('outside of a box', () => {
  it.each(['dmesg', 'events'])('%s fails with 2 and says what to do', (command) => {
    const { status, stderr, stdout } = cxlbox([command]);
    expect(stderr).toMatch(
      new RegExp(`what to do: run it inside a box: cxlbox run -- cxlbox ${command}`),
    );
    expect([status, stdout]).toEqual([2, '']);
  });

  it('record writes a record of this host, which agrees with itself', () => {
    const { status, stdout } = cxlbox(['record', '--raw', '--root', '/sys/kernel/mm/numa']);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
      raw: 1,
      roots: ['/sys/kernel/mm/numa'],
    });
    expect(status).toBe(0);
  });

  it.each([
    ['two equal files', [BASELINE, BASELINE], 0, /0 different\n$/],
    ['no such file', [BASELINE, 'nowhere.jsonl'], 2, /nowhere\.jsonl: ENOENT/],
    ['one argument', [BASELINE], 2, /missing required argument 'b'/],
  ])('diff of %s', (_, args, expected, message) => {
    const { status, stdout, stderr } = cxlbox(['diff', ...args]);
    expect(stdout + stderr).toMatch(message);
    expect(status).toBe(expected);
  });

  it('the documentation names all of these commands', () => {
    const page = join(ROOT, 'docs/events-and-log.md');
    expect(existsSync(page)).toBe(true);
    const text = readFileSync(page, 'utf8');
    for (const command of ['cxlbox dmesg', 'cxlbox events', 'cxlbox events --follow'])
      expect(text).toContain(command);
  });
});
