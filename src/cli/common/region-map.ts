/**
 * The figures of a region's address arithmetic, read from sysfs: of a box, or of a real host as
 * root.
 */
import type { RegionMap, RegionTarget } from '../../cxl/address/address.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { PAGE_SIZE, parseSize } from '../../units.ts';

const CXL_DEVICES = '/sys/bus/cxl/devices';
const DAX_DEVICES = '/sys/bus/dax/devices';

/** What was asked for cannot be translated. The message says why and what to do. */
export class AddressError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AddressError';
  }
}

/** As sizes are written: decimal, 0x, or with a unit. AddressError. */
export function parseAddress(text: string): number {
  const value = parseSize(text);
  if (value !== undefined) return value;
  throw new AddressError(
    `'${text}' is not an address: give a decimal number, hexadecimal with 0x, or one with a unit, such as 4GiB`,
  );
}

/** A part of a dax device in host physical addresses. */
export interface DaxExtent {
  readonly name: string;
  /** Bytes from the start of the device. */
  readonly offset: number;
  readonly start: number;
  readonly length: number;
}

/**
 * A number of an attribute; decimal or with 0x. AddressError where it is not a safe number, as an
 * address hidden from non-root.
 */
export async function numberAt(client: SysfsClient, path: string): Promise<number> {
  const text = (await client.read(path)).trim();
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value)) return value;
  throw new AddressError(
    `${path} holds '${text}', which is not an address: is it allocated, and are you root?`,
  );
}

/** What a bus has; nothing where the machine has no such bus. */
async function namesIn(client: SysfsClient, folder: string): Promise<string[]> {
  try {
    return await client.list(folder);
  } catch (error) {
    if (error instanceof SysfsError) return [];
    throw error;
  }
}

/** `memN` to which an endpoint decoder belongs. */
async function memdevOf(client: SysfsClient, decoder: string): Promise<string> {
  const path = await client.readlink(`${CXL_DEVICES}/${decoder}`);
  const endpoint = path.split('/').at(-2) ?? '';
  const uport = await client.readlink(`${CXL_DEVICES}/${endpoint}/uport`);
  return uport.split('/').at(-1) ?? '';
}

async function targetAt(
  client: SysfsClient,
  region: string,
  position: number,
): Promise<RegionTarget> {
  const decoder = (await client.read(`${CXL_DEVICES}/${region}/target${position}`)).trim();
  if (decoder === '') throw new AddressError(`${region} has no target at position ${position} yet`);
  return {
    device: await memdevOf(client, decoder),
    dpa: await numberAt(client, `${CXL_DEVICES}/${decoder}/dpa_resource`),
  };
}

/** AddressError: the machine has no region of that name; the message says which it has. */
async function assertRegion(client: SysfsClient, region: string): Promise<void> {
  const known = (await namesIn(client, CXL_DEVICES)).filter(isRegion);
  if (known.includes(region)) return;
  const present =
    known.length === 0
      ? 'no regions at all; is it a box? cxlbox run -- cxlbox translate ...'
      : known.join(', ');
  throw new AddressError(`this machine has no region '${region}'; it has ${present}`);
}

/** With devices by their names (`memN`). AddressError: no such region, or it is not complete. */
export async function readRegionMap(
  client: SysfsClient,
  region: string,
  xorMaps: readonly bigint[] = [],
): Promise<RegionMap> {
  await assertRegion(client, region);
  const at = (name: string): Promise<number> =>
    numberAt(client, `${CXL_DEVICES}/${region}/${name}`);
  const ways = await at('interleave_ways');
  if (ways === 0) throw new AddressError(`${region} has no interleave_ways yet`);
  const targets: RegionTarget[] = [];
  for (let position = 0; position < ways; position += 1)
    targets.push(await targetAt(client, region, position));
  return {
    start: await at('resource'),
    size: await at('size'),
    ways,
    granularity: await at('interleave_granularity'),
    targets,
    xorMaps,
  };
}

const isRegion = (name: string): boolean => /^region\d+$/.test(name);

export async function regionNames(client: SysfsClient): Promise<string[]> {
  return (await client.list(CXL_DEVICES)).filter(isRegion);
}

async function extentsOf(client: SysfsClient, name: string): Promise<DaxExtent[]> {
  const extents: DaxExtent[] = [];
  const entries = (await client.list(`${DAX_DEVICES}/${name}`)).filter((each) =>
    /^mapping\d+$/.test(each),
  );
  for (const entry of entries) {
    const at = (field: string): Promise<number> =>
      numberAt(client, `${DAX_DEVICES}/${name}/${entry}/${field}`);
    const start = await at('start');
    const pageOffset = await at('page_offset');
    extents.push({
      name,
      offset: pageOffset * PAGE_SIZE,
      start,
      length: (await at('end')) - start + 1,
    });
  }
  return extents;
}

/** What the dax devices cover; nothing on a machine without any. */
export async function readDaxExtents(client: SysfsClient): Promise<DaxExtent[]> {
  const extents: DaxExtent[] = [];
  for (const name of await namesIn(client, DAX_DEVICES))
    extents.push(...(await extentsOf(client, name)));
  return extents;
}
