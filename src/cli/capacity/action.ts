import type { Extent } from '../../cxlbox-abi/capacity.ts';
import { uuidIsValid } from '../../kernfs/parse.ts';
import { exactSize, parseSize } from '../../units.ts';
import { EXIT } from '../exit-codes.ts';
import { freeBytes } from './extent.ts';
import {
  type Allocation,
  addCapacity,
  type CapacityDevice,
  holdings,
  type Released,
  releaseCapacity,
} from './fabric-manager.ts';
import { CapacityError } from './host.ts';
import { forEachDevice, withCapacityDevice } from './open-device.ts';

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

function optionError(option: string, text: string, remedy: string): CapacityError {
  return new CapacityError(`--${option} '${text}' is not valid`, remedy);
}

function bytes(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = parseSize(text);
  if (size !== undefined) return size;
  throw optionError(
    option,
    text,
    'give a number of bytes, or a size such as 256MiB, 4GiB or 0x10000000',
  );
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw optionError('count', text, 'give a whole number from 1 to 9999999');
}

function tagOf(text: string | undefined): string | undefined {
  if (text === undefined || uuidIsValid(text)) return text?.toLowerCase();
  throw optionError('tag', text, 'give a UUID');
}

function extentWords({ offset, length, tag }: Extent): string {
  return `0x${offset.toString(16)} ${exactSize(length)}${tag === undefined ? '' : ` ${tag}`}`;
}

function allocationLine({ host, extents, surfaced }: Allocation): string {
  const come = surfaced.map(({ dax, driver }) => `  ${dax} (${driver ?? 'no driver'})`).join('');
  return `${host}  ${extents.map(extentWords).join(', ')}${come}\n`;
}

function releasedLine({ host, extents }: Released): string {
  return `${host}  ${extents.map(extentWords).join(', ')}\n`;
}

/** Lets `work` report as it goes: lines at once, or JSON of all when it ends, in whatever way. */
async function reporting<T>(
  json: boolean | undefined,
  line: (each: T) => string,
  work: (report: (each: T) => void) => Promise<void>,
): Promise<void> {
  const all: T[] = [];
  try {
    await work((each) => {
      all.push(each);
      if (!json) process.stdout.write(line(each));
    });
  } finally {
    if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  }
}

/** Gives extents to hosts, and prints what each has got. CapacityError, RefusedError. */
export async function add(target: string, options: AddOptions): Promise<number> {
  const size = bytes('size', options.size) ?? 0;
  if (size === 0) throw optionError('size', options.size, 'give a size above 0, such as 256MiB');
  const request = {
    size,
    offset: bytes('offset', options.offset),
    count: countOf(options.count),
    tag: tagOf(options.tag),
    hosts: options.host,
  };
  await reporting<Allocation>(options.json, allocationLine, (report) =>
    withCapacityDevice(target, (device) => addCapacity(device, request, report)),
  );
  return EXIT.ok;
}

/**
 * Takes extents back from hosts, and prints what each has given back. CapacityError, RefusedError.
 */
export async function release(target: string, options: ReleaseOptions): Promise<number> {
  const { offset, tag, all, force, host } = options;
  const ways = [offset !== undefined, tag !== undefined, all === true].filter((way) => way).length;
  if (ways !== 1)
    throw new CapacityError(
      `the capacity to release is ${ways === 0 ? 'not specified' : 'specified in several ways'}`,
      'give exactly one of --offset, --tag and --all',
    );
  const request = { offset: bytes('offset', offset), tag: tagOf(tag), all, force, hosts: host };
  await reporting<Released>(options.json, releasedLine, (report) =>
    withCapacityDevice(target, (device) => releaseCapacity(device, request, report)),
  );
  return EXIT.ok;
}

interface Listed {
  readonly device: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that no host has that could be asked. */
  readonly free: number;
  readonly hosts: readonly {
    readonly host: string;
    readonly memdev: string;
    readonly extents: readonly Extent[];
  }[];
  readonly silent: CapacityDevice['silent'];
}

async function listed(device: CapacityDevice): Promise<Listed> {
  const found = await holdings(device);
  const size = (await device.hosts[0]?.size()) ?? 0;
  const taken = found.flatMap(({ extents }) => extents);
  return {
    device: device.name,
    size,
    free: freeBytes(size, taken),
    hosts: found.map(({ host, extents }) => ({ host: host.name, memdev: host.memdev, extents })),
    silent: device.silent,
  };
}

function listedLines({ device, size, free, hosts, silent }: Listed): string {
  const unknown = silent.length === 0 ? '' : 'at most ';
  const lines = [
    `${device}  ${exactSize(size)} of dynamic capacity, ${unknown}${exactSize(free)} free`,
    ...hosts.flatMap(({ host, memdev, extents }) => [
      `  ${host} (${memdev})${extents.length === 0 ? '  nothing' : ''}`,
      ...extents.map((extent) => `    ${extentWords(extent)}`),
    ]),
    ...silent.map(({ name, why }) => `  ${name}  unknown: ${why}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Prints what each host has of a device, or of all that can be seen from here. CapacityError. */
export async function list(
  target: string | undefined,
  { json }: { readonly json?: boolean | undefined },
): Promise<number> {
  await reporting<Listed>(json, listedLines, async (report) => {
    const one = async (device: CapacityDevice): Promise<void> => report(await listed(device));
    if (target === undefined) await forEachDevice(one);
    else await withCapacityDevice(target, one);
  });
  return EXIT.ok;
}
