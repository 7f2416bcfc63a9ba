import { beforeEach, describe, expect, it } from 'vitest';
import { loadMachine } from '../machine-files/load.ts';
import { boot } from '../platform/boot.ts';
import type { BootedMachine } from '../platform/machine.ts';
import { MachineClient } from './machine-client.ts';
import { SysfsError } from './sysfs-client.ts';

const REGION = '/sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0';

describe('a refused write', () => {
  let machine: BootedMachine;
  let client: MachineClient;
  beforeEach(() => {
    machine = boot(loadMachine('default'));
    client = new MachineClient(machine);
  });

  it.each([
    [
      'in store',
      '/sys/bus/cxl/devices/region0/size',
      '3',
      `${REGION}/size: write refused: EBUSY: `,
    ],
    [
      'at open',
      '/sys/bus/cxl/devices/region0/mode',
      'pmem',
      `${REGION}/mode: write refused: EACCES: `,
    ],
  ])('%s is in the kernel log, by real path and with the reason', async (_, path, text, line) => {
    const error = await client.write(path, text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SysfsError);
    const last = machine.kernel.log.lines().at(-1);
    expect(last?.text.startsWith(line)).toBe(true);
    expect(last?.level).toBe('info');
    expect(last?.text.length).toBeGreaterThan(line.length);
  });

  it('leaves the log alone when it is taken', async () => {
    const before = machine.kernel.log.lines().length;
    await client.write('/sys/devices/system/memory/auto_online_blocks', 'online\n');
    expect(machine.kernel.log.lines().length).toBe(before);
  });
});
