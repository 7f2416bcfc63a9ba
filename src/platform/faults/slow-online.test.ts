import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../machine-files/load.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import { boot } from '../boot.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';
const STATE = '/sys/devices/system/memory/memory50/state';

/**
 * A machine with 32 blocks of system memory to be onlined, and how long its client was told to
 * wait.
 */
async function slowMachine() {
  const waits: number[] = [];
  const machine = boot(loadMachine('default'));
  const client = new MachineClient(machine, {
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
  await client.write('/sys/bus/cxl/drivers/cxl_sysram_region/bind', 'region0');
  await client.write('/sys/bus/cxl/devices/sysram_region0/online_type', 'offline');
  await client.write('/sys/bus/cxl/drivers/cxl_dax_kmem_region/bind', 'sysram_region0');
  return { machine, client, waits };
}

describe('slow onlining', () => {
  it('the writer waits for each block that went online, and for nothing else', async () => {
    const { client, waits } = await slowMachine();
    await client.write(`${FAULT}/inject`, 'slow-online milliseconds=250');
    expect(waits).toEqual([]);
    await client.write(STATE, 'online');
    expect(waits).toEqual([250]);
    await expect(client.write(STATE, 'online')).rejects.toThrow('EINVAL');
    expect(waits).toEqual([250]);
    expect(await client.read(`${FAULT}/list`)).toBe('1 slow-online milliseconds=250 struck=1\n');
  });

  it('adds up over the blocks of one write, and over faults', async () => {
    const { client, waits } = await slowMachine();
    await client.write(`${FAULT}/inject`, 'slow-online milliseconds=10');
    await client.write(`${FAULT}/inject`, 'slow-online milliseconds=1');
    await client.write('/sys/bus/cxl/drivers/cxl_dax_kmem_region/unbind', 'sysram_region0');
    await client.write('/sys/bus/cxl/devices/sysram_region0/online_type', 'online_movable');
    await client.write('/sys/bus/cxl/drivers/cxl_dax_kmem_region/bind', 'sysram_region0');
    expect(waits).toEqual([32 * 11]);
  });

  it('cleared, it is fast again', async () => {
    const { client, waits } = await slowMachine();
    await client.write(`${FAULT}/inject`, 'slow-online milliseconds=10');
    await client.write(`${FAULT}/clear`, '1');
    await client.write(STATE, 'online');
    expect(waits).toEqual([]);
  });

  it('a write that failed after blocks went online waits for them', async () => {
    const { client, waits, machine } = await slowMachine();
    machine.kernel.owed.owe(7);
    await expect(client.write(`${FAULT}/clear`, '9')).rejects.toThrow('ENOENT');
    expect(waits).toEqual([7]);
  });
});
