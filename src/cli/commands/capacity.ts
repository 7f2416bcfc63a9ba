import { formatSize, parseSize } from '../../platform/description/units.ts';
import { CapacityError } from '../capacity/capacity-host.ts';
import { type Extent, freeBytes } from '../capacity/extent.ts';
import { addCapacity, type CapacityDevice, holdings, releaseCapacity } from '../capacity/fabric-manager.ts';
import { forEachDevice, withDevice } from '../capacity/open-device.ts';
import { EXIT } from '../exit-codes.ts';

interface CommonOptions {
  readonly json?: boolean | undefined;
  readonly host?: readonly string[] | undefined;
  readonly offset?: string | undefined;
  readonly tag?: string | undefined;
}

export interface AddOptions extends CommonOptions {
  readonly size: string;
  readonly count?: string | undefined;
}

export interface ReleaseOptions extends CommonOptions {
  readonly all?: boolean | undefined;
  readonly force?: boolean | undefined;
}

function bytes(option: string, text: string): number {
  const size = parseSize(text);
  if (size !== undefined) return size;
  throw new CapacityError(`--${option} '${text}' is no size`, 'write 256MiB, 4GiB or 0x10000000');
}

function extentWords({ offset, length, tag }: Extent): string {
  return `0x${offset.toString(16)} ${formatSize(length)}${tag === undefined ? '' : ` ${tag}`}`;
}

function print(json: boolean | undefined, found: unknown, lines: readonly string[]): void {
  process.stdout.write(
    json ? `${JSON.stringify(found, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
  );
}

/** Gives extents to hosts. CapacityError. */
export async function add(target: string, options: AddOptions): Promise<number> {
  const { json, host: hosts, offset, tag, size, count } = options;
  const request = {
    size: bytes('size', size),
    offset: offset === undefined ? undefined : bytes('offset', offset),
    count: count === undefined ? undefined : bytes('count', count),
    tag: tag?.toLowerCase(),
    hosts,
  };
  const given = await withDevice(target, (device) => addCapacity(device, request));
  const lines = given.map(
    ({ host, extents, dax }) =>
      `${host}  ${extents.map(extentWords).join(', ')}${dax.length === 0 ? '' : `  ${dax.join(' ')}`}`,
  );
  print(json, given, lines);
  return EXIT.ok;
}

/** Takes extents back from hosts. CapacityError. */
export async function release(target: string, options: ReleaseOptions): Promise<number> {
  const { json, host: hosts, offset, tag, all, force } = options;
  if (offset === undefined && tag === undefined && all !== true)
    throw new CapacityError('it was not said which capacity to release', 'give --offset, --tag or --all');
  const request = {
    offset: offset === undefined ? undefined : bytes('offset', offset),
    tag: tag?.toLowerCase(),
    all,
    force,
    hosts,
  };
  const released = await withDevice(target, (device) => releaseCapacity(device, request));
  const lines = released.map(({ host, extents }) => `${host}  ${extents.map(extentWords).join(', ')}`);
  print(json, released, lines);
  return EXIT.ok;
}

interface Listed {
  readonly device: string;
  readonly size: number;
  readonly free: number;
  readonly hosts: readonly {
    readonly host: string;
    readonly memdev: string;
    readonly extents: readonly Extent[];
  }[];
}

async function listed(device: CapacityDevice): Promise<Listed> {
  const found = await holdings(device);
  const size = (await device.hosts[0]?.size()) ?? 0;
  return {
    device: device.name,
    size,
    free: freeBytes(
      size,
      found.flatMap(({ extents }) => extents),
    ),
    hosts: found.map(({ host, extents }) => ({ host: host.name, memdev: host.memdev, extents })),
  };
}

function listedLines({ device, size, free, hosts }: Listed): string[] {
  return [
    `${device}  ${formatSize(size)} of dynamic capacity, ${formatSize(free)} free`,
    ...hosts.flatMap(({ host, memdev, extents }) => [
      `  ${host} (${memdev})${extents.length === 0 ? '  nothing' : ''}`,
      ...extents.map((extent) => `    ${extentWords(extent)}`),
    ]),
  ];
}

/** Prints the devices with dynamic capacity that can be seen from here, and what each host has. */
export async function list({ json }: { readonly json?: boolean | undefined }): Promise<number> {
  const devices: Listed[] = [];
  await forEachDevice(async (device) => {
    devices.push(await listed(device));
  });
  print(json, devices, devices.flatMap(listedLines));
  return EXIT.ok;
}
