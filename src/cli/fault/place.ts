/**
 * Places in the media of memory devices, as people write them.
 */
import { hpaToDpa } from '../../cxl/address/address.ts';
import type { MediaPlace } from '../../cxlbox-abi/poison.ts';
import { hex } from '../../kernfs/format.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import {
  AddressError,
  type DaxExtent,
  parseAddress,
  readDaxExtents,
  readRegionMap,
  regionNames,
} from '../common/region-map.ts';

/** Poison comes in such units. */
const UNIT = 64;

/** The place in a memory device of a host physical address. AddressError: no region has it. */
async function placeOfHpa(client: SysfsClient, hpa: number): Promise<MediaPlace> {
  for (const name of await regionNames(client)) {
    const committed = (await client.read(`/sys/bus/cxl/devices/${name}/commit`)).trim() === '1';
    const place = committed ? hpaToDpa(await readRegionMap(client, name), hpa) : undefined;
    if (place !== undefined) return { memdev: place.device, dpa: place.dpa };
  }
  throw new AddressError(`no committed region has ${hex(hpa)}`);
}

function noDaxDevice(name: string, extents: readonly DaxExtent[]): string {
  const names = [...new Set(extents.map((each) => each.name))];
  const present =
    names.length === 0 ? 'this machine has none yet' : `this machine has ${names.join(', ')}`;
  return (
    `no dax device ${name} with memory exists: ${present}. Bind a region to a driver to create one: ` +
    'echo region1 > /sys/bus/cxl/drivers/cxl_devdax_region/bind'
  );
}

async function hpaInDax(client: SysfsClient, name: string, offset: number): Promise<number> {
  const extents = await readDaxExtents(client);
  const own = extents.filter((each) => each.name === name);
  if (own.length === 0) throw new AddressError(noDaxDevice(name, extents));
  const extent = own.find((each) => offset >= each.offset && offset < each.offset + each.length);
  if (extent === undefined) throw new AddressError(`${name} has no offset ${hex(offset)}`);
  return extent.start + offset - extent.offset;
}

/** What may be before the colon, and what the number behind it is. */
interface Naming {
  readonly name: RegExp;
  readonly number: string;
  readonly place: (client: SysfsClient, name: string, at: number) => Promise<MediaPlace>;
}

const NAMINGS: readonly Naming[] = [
  { name: /^mem\d+$/, number: 'DPA', place: async (_, memdev, dpa) => ({ memdev, dpa }) },
  {
    name: /^dax\d+\.\d+$/,
    number: 'OFFSET',
    place: async (client, dax, offset) => placeOfHpa(client, await hpaInDax(client, dax, offset)),
  },
];

async function exactPlace(client: SysfsClient, text: string): Promise<MediaPlace> {
  const [name = '', ...rest] = text.split(':');
  const naming = NAMINGS.find((each) => each.name.test(name));
  if (naming === undefined) {
    if (rest.length === 0) return placeOfHpa(client, parseAddress(text));
    throw new AddressError(
      `'${text}' is not a place: give daxN.Y:OFFSET, memN:DPA, or a host physical address`,
    );
  }
  const number = rest.join(':');
  if (number === '')
    throw new AddressError(
      `'${name}' alone is not an address: its ${naming.number} is missing, as in ${name}:0x1000`,
    );
  return naming.place(client, name, parseAddress(number));
}

/** The 64-byte unit that `daxN.Y:OFFSET`, `memN:DPA` or an HPA is in. AddressError, SysfsError. */
export async function resolvePlace(client: SysfsClient, text: string): Promise<MediaPlace> {
  const { memdev, dpa } = await exactPlace(client, text);
  return { memdev, dpa: dpa - (dpa % UNIT) };
}
