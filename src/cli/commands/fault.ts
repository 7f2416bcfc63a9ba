import { hpaToDpa } from '../../cxl/address.ts';
import { hex } from '../../kernfs/format.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { EXIT } from '../exit-codes.ts';
import { AddressError, readDaxExtents, readRegionMap, regionNames } from '../region-map.ts';
import { parseAddress } from './translate.ts';

const CXL_DEBUGFS = '/sys/kernel/debug/cxl';
/** Kept by a box: a real device lists its poison by trace events only. */
const POISON_LIST = '/sys/kernel/debug/cxlbox/poison';
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

async function writePoison(file: 'inject_poison' | 'clear_poison', text: string): Promise<number> {
  const client = new HostClient();
  const { memdev, dpa } = await resolvePlace(client, text);
  await client.write(`${CXL_DEBUGFS}/${memdev}/${file}`, `${hex(dpa)}\n`);
  process.stdout.write(
    `${memdev} dpa ${hex(dpa)} ${file === 'inject_poison' ? 'is poisoned' : 'is clear'}\n`,
  );
  return EXIT.ok;
}

/** Poisons 64 bytes. AddressError; SysfsError: the device refuses, or this is no root of a host with debugfs. */
export function poison(place: string): Promise<number> {
  return writePoison('inject_poison', place);
}

export function clear(place: string): Promise<number> {
  return writePoison('clear_poison', place);
}

/** Prints what is poisoned in the box in sight. */
export async function list({ json }: { readonly json?: boolean | undefined }): Promise<number> {
  const lines = (await new HostClient().read(POISON_LIST)).split('\n').filter((line) => line !== '');
  const faults = lines.map((line) => {
    const [memdev = '', dpa = ''] = line.split(' ');
    return { fault: 'poison', memdev, dpa };
  });
  process.stdout.write(
    json
      ? `${JSON.stringify(faults, null, 2)}\n`
      : faults.map(({ fault, memdev, dpa }) => `${fault}  ${memdev} dpa ${dpa}\n`).join(''),
  );
  return EXIT.ok;
}
