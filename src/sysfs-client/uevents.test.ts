import { beforeEach, describe, expect, it } from 'vitest';
import type { Uevent } from '../driver-core/uevent.ts';
import { loadMachine } from '../machine-files/load.ts';
import { boot } from '../platform/boot.ts';
import type { BootedMachine } from '../platform/machine.ts';
import { uevents } from './uevents.ts';

function send(machine: BootedMachine, name: string): void {
  machine.kernel.uevents.emit('change', `/devices/${name}`, 'test');
}

describe('uevents', () => {
  let machine: BootedMachine;
  beforeEach(() => {
    machine = boot(loadMachine('direct2'));
  });

  it('gives what comes after the iteration began, in order, none left out', async () => {
    send(machine, 'early');
    const events = uevents(machine)[Symbol.asyncIterator]();
    for (const name of ['one', 'two', 'three']) send(machine, name);
    const paths = [];
    for (let taken = 0; taken < 3; taken += 1) paths.push((await events.next()).value?.devpath);
    expect(paths).toEqual(['/devices/one', '/devices/two', '/devices/three']);
  });

  it('waits for an event that has not come', async () => {
    const next = uevents(machine)[Symbol.asyncIterator]().next();
    send(machine, 'late');
    expect((await next).value?.devpath).toBe('/devices/late');
  });

  it('keeps iterations apart', async () => {
    const [one, other] = [uevents(machine), uevents(machine)].map((each) =>
      each[Symbol.asyncIterator](),
    );
    send(machine, 'both');
    const [first, second] = [await one?.next(), await other?.next()];
    expect([first?.value?.devpath, second?.value?.devpath]).toEqual([
      '/devices/both',
      '/devices/both',
    ]);
  });

  it('ends with the loop: nothing is kept or waited for afterwards', async () => {
    const iterator = uevents(machine)[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    send(machine, 'after');
    expect([await waiting, await iterator.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('serves for await', async () => {
    const seen: Uevent[] = [];
    queueMicrotask(() => {
      for (const name of ['one', 'two']) send(machine, name);
    });
    for await (const event of uevents(machine)) {
      seen.push(event);
      if (seen.length === 2) break;
    }
    expect(seen.map(({ devpath }) => devpath)).toEqual(['/devices/one', '/devices/two']);
  });
});
