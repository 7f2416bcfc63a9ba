import { dpaToHpa, hpaToDpa, type RegionMap } from '../../cxl/address/address.ts';
import { hex } from '../../kernfs/format.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { AddressError, parseAddress, readDaxExtents, readRegionMap } from '../common/region-map.ts';
import { EXIT } from '../exit-codes.ts';

export const ADDRESS_KINDS = ['hpa', 'dpa', 'offset'] as const;
export type AddressKind = (typeof ADDRESS_KINDS)[number];

/** One place under all its names. */
export interface Translation {
  readonly region: string;
  /** Bytes from the start of the region. */
  readonly offset: number;
  readonly hpa: number;
  readonly position: number;
  readonly memdev: string;
  readonly dpa: number;
  /** The dax device that maps the place, if one does, and where in it. */
  readonly dax?: { readonly name: string; readonly offset: number };
}

function fromDpa(region: string, map: RegionMap, text: string): number {
  const colon = text.indexOf(':');
  if (colon < 0 && map.ways > 1)
    throw new AddressError(
      `${region} has ${map.ways} memory devices: say which, such as mem0:${text}`,
    );
  const device = colon < 0 ? map.targets[0]?.device : text.slice(0, colon);
  const hpa = dpaToHpa(map, device ?? '', parseAddress(text.slice(colon + 1)));
  if (hpa === undefined) throw new AddressError(`${region} does not use ${text}`);
  return hpa;
}

const TO_HPA: Readonly<
  Record<AddressKind, (region: string, map: RegionMap, text: string) => number>
> = {
  hpa: (_, __, text) => parseAddress(text),
  offset: (_, map, text) => map.start + parseAddress(text),
  dpa: fromDpa,
};

/** Translates one address of a region. AddressError: no such region, or it has no such address. */
export async function translateAddress(
  client: SysfsClient,
  region: string,
  kind: AddressKind,
  text: string,
  xorMaps: readonly bigint[] = [],
): Promise<Translation> {
  const map = await readRegionMap(client, region, xorMaps);
  const hpa = TO_HPA[kind](region, map, text);
  const place = hpaToDpa(map, hpa);
  if (place === undefined) {
    const range = `${hex(map.start)} to ${hex(map.start + map.size - 1)}`;
    throw new AddressError(`${hex(hpa)} is outside of ${region}, which is ${range}`);
  }
  const extent = (await readDaxExtents(client)).find(
    ({ start, length }) => hpa >= start && hpa < start + length,
  );
  return {
    region,
    offset: hpa - map.start,
    hpa,
    position: place.position,
    memdev: place.device,
    dpa: place.dpa,
    ...(extent === undefined
      ? {}
      : { dax: { name: extent.name, offset: extent.offset + hpa - extent.start } }),
  };
}

function render({ region, offset, hpa, position, memdev, dpa, dax }: Translation): string {
  const lines = [
    `hpa     ${hex(hpa)}`,
    `region  ${region} offset ${hex(offset)}`,
    `device  ${memdev} dpa ${hex(dpa)} (position ${position})`,
    ...(dax === undefined ? [] : [`dax     ${dax.name} offset ${hex(dax.offset)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

export interface TranslateOptions {
  readonly json?: boolean | undefined;
  /** Comma-separated; what sysfs does not say of a window with XOR arithmetic. */
  readonly xorMaps?: string | undefined;
}

/** Prints one place of this machine under all its names. */
export async function translate(
  region: string,
  kind: AddressKind,
  address: string,
  { json, xorMaps }: TranslateOptions,
): Promise<number> {
  const maps = (xorMaps ?? '').split(',').filter((each) => each !== '');
  const found = await translateAddress(
    new HostClient(),
    region,
    kind,
    address,
    maps.map((each) => BigInt(parseAddress(each))),
  );
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : render(found));
  return EXIT.ok;
}
