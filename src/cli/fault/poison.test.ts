import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../machine-files/load.ts';
import { boot } from '../../platform/boot.ts';
import { MachineClient } from '../../sysfs-client/machine-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { FaultError } from './errors.ts';
import { poisonObject, writePoisonAt } from './poison.ts';

const INJECT = '/sys/kernel/debug/cxl/mem0/inject_poison';

const inBox = (): MachineClient => new MachineClient(boot(loadMachine('default')));

/** A real host: files of CXL, whose writes fail so, and nothing of a box. */
function host(errno: string): SysfsClient {
  const absent = async (path: string): Promise<never> => {
    throw new SysfsError(
      'ENOENT',
      'read',
      path,
      `ENOENT: no such file or directory, open '${path}'`,
    );
  };
  return {
    read: absent,
    readlink: absent,
    list: absent,
    write: async (path) => {
      throw new SysfsError(errno, 'write', path, `${errno}: as Node says it, write`);
    },
    watch: () => () => {},
  };
}

async function failure(work: Promise<unknown>): Promise<FaultError> {
  const error = await work.catch((caught: unknown) => caught);
  if (error instanceof FaultError) return error;
  throw new Error(`no FaultError: ${String(error)}`);
}

describe('poison of a box', () => {
  it('comes and goes', async () => {
    const machine = boot(loadMachine('default'));
    const client = new MachineClient(machine);
    const place = await writePoisonAt(client, 'inject_poison', 'mem0:1MiB');
    expect(poisonObject(place)).toEqual({ fault: 'poison', memdev: 'mem0', dpa: '0x100000' });
    expect(machine.daxHardware?.allPoison()).toEqual([place]);
    await writePoisonAt(client, 'clear_poison', 'mem0:0x100000');
    expect(machine.daxHardware?.allPoison()).toEqual([]);
  });

  it.each([
    ['inject_poison', 'the place was not poisoned'],
    ['clear_poison', 'the poison was not cleared'],
  ] as const)('%s: a refusal has the reason of the kernel log', async (file, what) => {
    const { message, remedy } = await failure(writePoisonAt(inBox(), file, 'mem0:0x1000000000'));
    expect(message).toBe(`${what}: mem0: 0x1000000000 is beyond its capacity (EINVAL)`);
    expect(remedy).toBe('give an address below the capacity of the device');
  });

  it('a device that has gone is missing, whatever it refused before', async () => {
    const client = inBox();
    await failure(writePoisonAt(client, 'inject_poison', 'mem0:0x1000000000'));
    await client.write('/sys/kernel/debug/cxlbox/fault/inject', 'removal mem0');
    const { message, remedy } = await failure(writePoisonAt(client, 'inject_poison', 'mem0:0'));
    expect(message).toBe(
      `the place was not poisoned: ${INJECT}: no such file or directory (ENOENT)`,
    );
    expect(remedy).toMatch(/^give a memory device of \/sys\/bus\/cxl\/devices/);
  });
});

describe('poison of a host without a box', () => {
  it.each([
    ['EINVAL', 'invalid argument', 'give an address below the capacity of the device'],
    ['EBUSY', 'resource busy or locked', 'the device cannot record more poison: clear some first'],
    ['ENXIO', 'no such device or address', 'see the kernel log: dmesg, in a box cxlbox dmesg'],
  ])('%s is told in its own words', async (errno, words, what) => {
    const { message, remedy } = await failure(
      writePoisonAt(host(errno), 'inject_poison', 'mem0:0'),
    );
    expect(message).toBe(`the place was not poisoned: ${INJECT}: ${words} (${errno})`);
    expect(remedy).toBe(what);
  });

  it('an address cannot be found where there is no CXL', async () => {
    const { message } = await failure(writePoisonAt(host('EIO'), 'inject_poison', '0x190000000'));
    expect(message).toBe(
      'the place was not poisoned: /sys/bus/cxl/devices: no such file or directory (ENOENT)',
    );
  });
});
