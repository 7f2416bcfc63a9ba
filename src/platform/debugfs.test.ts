import { beforeEach, describe, expect, it } from 'vitest';
import type { UeventRecord } from '../cxlbox-abi/events.ts';
import { fileAt, readFile } from '../kernfs/access.ts';
import { OpenFile } from '../kernfs/open-file.ts';
import { loadMachine } from '../machine-files/load.ts';
import { PAGE_SIZE } from '../units.ts';
import { boot } from './boot.ts';
import type { BootedMachine } from './machine.ts';

const LOG = '/sys/kernel/debug/cxlbox/log';
const EVENTS = '/sys/kernel/debug/cxlbox/events';

describe('debugfs of a box', () => {
  let machine: BootedMachine;
  beforeEach(() => {
    machine = boot(loadMachine('direct2'));
  });

  function lines(path: string): string[] {
    return readFile(machine.kernel.root, path).split('\n').slice(0, -1);
  }

  it('log has a record a line: severity, number, text', () => {
    machine.kernel.log.print('warn', 'two\nlines');
    expect(lines(LOG).at(-1)).toMatch(/^4,\d+;two lines$/);
  });

  it('log is longer than a page, and complete', () => {
    for (let count = 0; count < 200; count += 1)
      machine.kernel.log.print('err', `line ${count} of many`);
    expect(readFile(machine.kernel.root, LOG).length).toBeGreaterThan(PAGE_SIZE);
    expect(lines(LOG).filter((line) => line.endsWith('of many'))).toHaveLength(200);
  });

  it('log forgets the oldest lines, and numbers go on', () => {
    for (let count = 0; count < 5000; count += 1) machine.kernel.log.print('debug', 'again');
    const kept = lines(LOG).map((line) => Number(line.split(/[,;]/)[1]));
    expect(kept).toHaveLength(4096);
    expect(kept.at(-1)).toBe((kept[0] ?? 0) + 4095);
  });

  it('events has those of the boot too, numbered as uevent_seqnum counts', () => {
    const records = lines(EVENTS).map((line) => JSON.parse(line) as UeventRecord);
    expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
    expect(`${records.length}\n`).toBe(readFile(machine.kernel.root, '/sys/kernel/uevent_seqnum'));
    const memdev = records.find(({ devpath }) => devpath.endsWith('/mem0'));
    expect(memdev).toMatchObject({
      action: 'add',
      subsystem: 'cxl',
      variables: { DEVNAME: 'cxl/mem0' },
    });
  });

  it.each([
    [LOG, (): void => machine.kernel.log.print('info', 'news')],
    [EVENTS, (): void => machine.kernel.uevents.emit('change', '/devices/x', 'test')],
  ])('%s tells pollers of news', (path, act) => {
    const file = new OpenFile(fileAt(machine.kernel.root, path), { read: true, write: false });
    file.read(0, 1);
    expect(file.poll()).toEqual({ notified: false });
    act();
    expect(file.poll()).toEqual({ notified: true });
  });

  it('devices_deferred is empty when no device waits', () => {
    expect(readFile(machine.kernel.root, '/sys/kernel/debug/devices_deferred')).toBe('');
  });
});
