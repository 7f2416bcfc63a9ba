import { hpaToDpa } from '../../cxl/address.ts';
import { hex } from '../../kernfs/format.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { EXIT } from '../exit-codes.ts';
import { AddressError, readDaxExtents, readRegionMap, regionNames } from '../region-map.ts';
import { clearFault, type ListedFault, readFaults } from './fault-inject.ts';
import { parseAddress } from './translate.ts';

const CXL_DEBUGFS = '/sys/kernel/debug/cxl';
/** Kept by a box: a real device lists its poison by trace events only. */
const POISON_LIST = '/sys/kernel/debug/cxlbox/poison';
/** Windows are multiples of 256 MiB: a lower address is in none. */
const LOWEST_WINDOW = 2 ** 28;
/** Poison comes in such units. */
const UNIT = 64;

export interface MediaPlace {
  readonly memdev: string;
  readonly dpa: number;
}

/** The place in a memory device of a host physical address. AddressError: no region has it. */
async function placeOfHpa(client: SysfsClient, hpa: number): Promise<MediaPlace> {
  for (const name of await regionNames(client)) {
    const committed = (await client.read(`/sys/bus/cxl/devices/${name}/commit`)).trim() === '1';
    const place = committed ? hpaToDpa(await readRegionMap(client, name), hpa) : undefined;
    if (place !== undefined) return { memdev: place.device, dpa: place.dpa };
  }
  throw new AddressError(`no committed region has ${hex(hpa)}`);
}

async function hpaInDax(client: SysfsClient, name: string, offset: number): Promise<number> {
  const extent = (await readDaxExtents(client)).find(
    (each) => each.name === name && offset >= each.offset && offset < each.offset + each.length,
  );
  if (extent === undefined) throw new AddressError(`${name} has no offset ${hex(offset)}`);
  return extent.start + offset - extent.offset;
}

/** The 64-byte unit that `daxN.Y:OFFSET`, `memN:DPA` or an HPA is in. AddressError. */
export async function resolvePlace(client: SysfsClient, text: string): Promise<MediaPlace> {
  const [first = '', second] = text.split(':', 2);
  const at = parseAddress(second ?? first);
  const found =
    second !== undefined && first.startsWith('mem')
      ? { memdev: first, dpa: at }
      : await placeOfHpa(client, second === undefined ? at : await hpaInDax(client, first, at));
  return { memdev: found.memdev, dpa: found.dpa - (found.dpa % UNIT) };
}

async function writePoison(
  client: SysfsClient,
  file: 'inject_poison' | 'clear_poison',
  { memdev, dpa }: MediaPlace,
): Promise<void> {
  await client.write(`${CXL_DEBUGFS}/${memdev}/${file}`, `${hex(dpa)}\n`);
}

/** Poisons 64 bytes. AddressError; SysfsError: the device refuses, or this is no root of a host with debugfs. */
export async function poison(text: string): Promise<number> {
  const client = new HostClient();
  const place = await resolvePlace(client, text);
  await writePoison(client, 'inject_poison', place);
  process.stdout.write(`${place.memdev} dpa ${hex(place.dpa)} is poisoned\n`);
  return EXIT.ok;
}

/** The poison that the box in sight keeps; none where it keeps none. */
async function readPoison(client: SysfsClient): Promise<MediaPlace[]> {
  let text = '';
  try {
    text = await client.read(POISON_LIST);
  } catch (error) {
    if (!(error instanceof SysfsError) || error.errno !== 'ENOENT') throw error;
  }
  return text.split('\n').flatMap((line) => {
    const [memdev, dpa] = line.split(' ');
    return memdev === undefined || dpa === undefined ? [] : [{ memdev, dpa: Number(dpa) }];
  });
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
 * Takes back all faults, the one with a number, or the poison at a place. A number without 0x is one of a fault, unless
 * it is so large that only an address can be meant. Throws AddressError, SysfsError, NoFaultsError, FaultError.
 */
export async function clear(what: string, client: SysfsClient = new HostClient()): Promise<number> {
  let done: string;
  if (what === 'all') done = await clearAll(client);
  else if (/^\d+$/.test(what) && Number(what) < LOWEST_WINDOW) {
    await clearFault(client, what);
    done = `fault ${what} is cleared`;
  } else {
    const place = await resolvePlace(client, what);
    await writePoison(client, 'clear_poison', place);
    done = `${place.memdev} dpa ${hex(place.dpa)} is clear`;
  }
  process.stdout.write(`${done}\n`);
  return EXIT.ok;
}

function faultLine({ number, fault, parameters, struck }: ListedFault): string {
  return `${number}  ${fault} ${parameters}  struck ${struck === 1 ? 'once' : `${struck} times`}\n`;
}

/** Prints what is wrong with the box in sight: faults by number, poison by place. Throws NoFaultsError. */
export async function list({ json }: { readonly json?: boolean | undefined }): Promise<number> {
  const client = new HostClient();
  const faults = await readFaults(client);
  const places = await readPoison(client);
  const poisoned = places.map(({ memdev, dpa }) => ({ fault: 'poison', memdev, dpa: hex(dpa) }));
  process.stdout.write(
    json
      ? `${JSON.stringify([...faults, ...poisoned], null, 2)}\n`
      : [
          ...faults.map(faultLine),
          ...poisoned.map(({ fault, memdev, dpa }) => `${fault}  ${memdev} dpa ${dpa}\n`),
        ].join(''),
  );
  return EXIT.ok;
}
