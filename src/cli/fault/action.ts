import { CAPACITY_MULTIPLE } from '../../cxl/address/interleave.ts';
import { hex } from '../../kernfs/format.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { EXIT } from '../exit-codes.ts';
import { clearFault, type JsonOption, readFaults } from './inject.ts';
import { faultLine, faultObject } from './list.ts';
import { poisonObject, readPoison, writePoison, writePoisonAt } from './poison.ts';

/** Windows begin at multiples of this, and not at 0: a lower address is in none. */
const LOWEST_WINDOW = CAPACITY_MULTIPLE;

/**
 * Poisons 64 bytes. AddressError; FaultError: the device refuses, or this is a real host without
 * debugfs or not root.
 */
export async function poison(text: string, { json }: JsonOption): Promise<number> {
  const place = await writePoisonAt(new HostClient(), 'inject_poison', text);
  process.stdout.write(
    json
      ? `${JSON.stringify(poisonObject(place), null, 2)}\n`
      : `${place.memdev} dpa ${hex(place.dpa)} is poisoned\n`,
  );
  return EXIT.ok;
}

/** Faults first: a memory device that was lost has its poison cleared as well. */
async function clearAll(client: SysfsClient): Promise<string> {
  const faults = await readFaults(client);
  await clearFault(client, 'all');
  const places = await readPoison(client);
  for (const place of places) await writePoison(client, 'clear_poison', place);
  const count = faults.length + places.length;
  return count === 1 ? '1 fault is cleared' : `${count} faults are cleared`;
}

/**
 * Takes back all faults, the one with a number, or the poison at a place. A number without 0x is
 * one of a fault, unless it is so large that only an address can be meant. Throws AddressError,
 * NoFaultsError, FaultError.
 */
export async function clear(what: string, client: SysfsClient = new HostClient()): Promise<number> {
  let done: string;
  if (what === 'all') done = await clearAll(client);
  else if (/^\d+$/.test(what) && Number(what) < LOWEST_WINDOW) {
    await clearFault(client, Number(what));
    done = `fault ${what} is cleared`;
  } else {
    const place = await writePoisonAt(client, 'clear_poison', what);
    done = `${place.memdev} dpa ${hex(place.dpa)} is clear`;
  }
  process.stdout.write(`${done}\n`);
  return EXIT.ok;
}

/** Prints what is wrong with this box: faults by number, poison by place. Throws NoFaultsError. */
export async function list({ json }: JsonOption): Promise<number> {
  const client = new HostClient();
  const faults = await readFaults(client);
  const places = await readPoison(client);
  process.stdout.write(
    json
      ? `${JSON.stringify([...faults.map(faultObject), ...places.map(poisonObject)], null, 2)}\n`
      : [
          ...faults.map(faultLine),
          ...places.map(({ memdev, dpa }) => `poison  ${memdev} dpa ${hex(dpa)}\n`),
        ].join(''),
  );
  return EXIT.ok;
}
