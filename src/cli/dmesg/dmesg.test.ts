// `cxlbox dmesg` and `cxlbox events` on a machine in this process: the same files as in a box.
import { beforeEach, describe, expect, it } from 'vitest';
import { loadMachine } from '../../machine-files/load.ts';
import { boot } from '../../platform/boot.ts';
import type { BootedMachine } from '../../platform/machine.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import { SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { NotInBoxError } from '../common/box-files.ts';
import { events } from '../events/action.ts';
import { dmesg } from './action.ts';

class NoBox extends MachineClient {
  override async read(path: string): Promise<string> {
    throw new SysfsError('ENOENT', 'read', path, 'no such file');
  }
}

describe('the log of a box', () => {
  let machine: BootedMachine;
  let client: MachineClient;
  let printed = '';
  const print = (text: string): void => {
    printed += text;
  };
  beforeEach(() => {
    printed = '';
    machine = boot(loadMachine('default'));
    client = new MachineClient(machine);
  });

  it('dmesg shows why a write was refused', async () => {
    await client.write('/sys/bus/cxl/devices/region0/size', '3').catch(() => {});
    expect(await dmesg({}, client, print)).toBe(0);
    expect(printed).toMatch(
      /^\[ *\d+\] info {2}\/sys\/.*\/region0\/size: write refused: EBUSY: .+\n$/m,
    );
  });

  it('dmesg --json prints an object a line', async () => {
    machine.kernel.log.print('err', 'it; broke, "twice"');
    await dmesg({ json: true }, client, print);
    const last: unknown = JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ level: 'err', text: 'it; broke, "twice"' });
  });

  it('events prints action, path, subsystem and variables', async () => {
    await client.write('/sys/bus/cxl/drivers/cxl_region/bind', 'region0\n');
    expect(await events({}, client, print)).toBe(0);
    expect(printed).toMatch(
      /^\d+ bind@\/devices\/platform\/.*\/region0 \(cxl\) DEVTYPE=cxl_region DRIVER=cxl_region MODALIAS=cxl:t6$/m,
    );
  });

  it('events --json --follow goes on with what comes, and says what it missed', async () => {
    const ending = new AbortController();
    let complaints = '';
    const done = events(
      { json: true, follow: true, signal: ending.signal },
      client,
      print,
      (text) => {
        complaints += text;
        ending.abort();
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (let count = 0; count < 4100; count += 1)
      machine.kernel.uevents.emit('change', `/devices/${count}`, 'test');
    expect(await done).toBe(0);
    expect(complaints).toBe('cxlbox: 4 events were dropped unread\n');
    const paths = printed
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { devpath: string }).devpath);
    expect(paths.at(-1)).toBe('/devices/4099');
    expect(paths.filter((path) => path === '/devices/4')).toHaveLength(1);
    expect(paths).not.toContain('/devices/3');
  });

  it.each([
    ['dmesg', (at: MachineClient) => dmesg({}, at, print), 'on a real host use dmesg'],
    [
      'events',
      (at: MachineClient) => events({}, at, print),
      'on a real host use udevadm monitor --kernel',
    ],
  ])('%s outside of a box says what to do', async (_, run, remedy) => {
    const error = await run(new NoBox(machine)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotInBoxError);
    expect((error as NotInBoxError).remedy).toContain(remedy);
    expect(printed).toBe('');
  });
});
