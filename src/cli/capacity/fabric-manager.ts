/**
 * What a fabric manager does with the dynamic capacity of one device: it gives extents to hosts and takes them back
 * (Initiate Dynamic Capacity Add and Release, CXL 3.1, 7.6.7.6.5). The hosts' own lists are all that it knows: nothing is
 * remembered here.
 */
import { formatSize } from '../../platform/description/units.ts';
import { CapacityError, type CapacityHost } from './capacity-host.ts';
import { type Extent, firstFit, overlap } from './extent.ts';

export interface CapacityDevice {
  readonly name: string;
  readonly hosts: readonly CapacityHost[];
  /** A tag that nobody has: extents that several hosts have need one. */
  newTag(): string;
}

export interface AddRequest {
  /** Bytes of each extent. */
  readonly size: number;
  /** Of the first extent, in the partition (the selection policy "prescriptive"); absent: where it is free first. */
  readonly offset?: number | undefined;
  /** How many extents, one behind the other if the offset is given; default 1. */
  readonly count?: number | undefined;
  /** Makes all of them one allocation. */
  readonly tag?: string | undefined;
  /** Names; several share the extents. Default: the only host. */
  readonly hosts?: readonly string[] | undefined;
}

/** One allocation at one host. */
export interface Given {
  readonly host: string;
  readonly extents: readonly Extent[];
  /** Dax devices that have come of it. */
  readonly dax: readonly string[];
}

export interface Holding {
  readonly host: CapacityHost;
  readonly extents: readonly Extent[];
}

export function holdings({ hosts }: CapacityDevice): Promise<Holding[]> {
  return Promise.all(hosts.map(async (host) => ({ host, extents: await host.extents() })));
}

/** CapacityError: none of that name. */
export function chooseHosts({ name, hosts }: CapacityDevice, names: readonly string[] = []): CapacityHost[] {
  const known = hosts.map((host) => host.name).join(', ');
  if (names.length > 0)
    return names.map((each) => {
      const host = hosts.find((candidate) => candidate.name === each);
      if (host !== undefined) return host;
      throw new CapacityError(`${name} has no host '${each}'`, `choose among ${known}`);
    });
  const [only, ...others] = hosts;
  if (only !== undefined && others.length === 0) return [only];
  throw new CapacityError(`${name} has ${hosts.length} hosts`, `say --host, one or more of ${known}`);
}

/** CapacityError: nothing so large is free, or the place is another host's. */
function place(
  device: CapacityDevice,
  { size, offset, count = 1, tag }: AddRequest,
  partition: number,
  taken: readonly Holding[],
): Extent[] {
  const placed: Extent[] = [];
  for (let index = 0; index < count; index += 1) {
    const all = [...taken.flatMap(({ extents }) => extents), ...placed];
    const at = offset === undefined ? firstFit(partition, size, all) : offset + index * size;
    if (at === undefined)
      throw new CapacityError(
        `${device.name} has no ${formatSize(size)} in one piece that are free`,
        'release some, or add less',
      );
    placed.push({ offset: at, length: size, tag });
  }
  return placed;
}

/** Two hosts may have the very same extents under the same tag, and no other ones in common. CapacityError. */
function assertShareable(
  placed: readonly Extent[],
  chosen: readonly CapacityHost[],
  taken: readonly Holding[],
): void {
  for (const { host, extents } of taken) {
    if (chosen.includes(host)) continue;
    for (const extent of placed) {
      const met = extents.find((each) => overlap(each, extent));
      const same = met?.offset === extent.offset && met.length === extent.length;
      if (met === undefined || (same && met.tag !== undefined && met.tag === extent.tag)) continue;
      throw new CapacityError(
        `host ${host.name} has 0x${met.offset.toString(16)} ${formatSize(met.length)} of it, ${met.tag ?? 'untagged'}`,
        'release that first; to share it, add the same extent with the same --tag',
      );
    }
  }
}

/** All hosts or none: what the first ones took is taken back if one refuses. */
async function give(hosts: readonly CapacityHost[], extents: readonly Extent[]): Promise<Given[]> {
  const given: Given[] = [];
  try {
    for (const host of hosts) given.push({ host: host.name, extents, dax: await host.add(extents) });
  } catch (error) {
    // An allocation goes whole, whichever of its extents is named.
    const [first] = extents;
    for (const host of hosts.slice(0, given.length)) if (first !== undefined) await host.release(first);
    throw error;
  }
  return given;
}

/** CapacityError: there is no room, or a host refuses; allocations before that stay. */
export async function addCapacity(device: CapacityDevice, request: AddRequest): Promise<Given[]> {
  const chosen = chooseHosts(device, request.hosts);
  const [first] = chosen;
  if (first === undefined) return [];
  const taken = await holdings(device);
  const placed = place(device, request, await first.size(), taken);
  assertShareable(placed, chosen, taken);
  if (request.tag !== undefined) return give(chosen, placed);
  const given: Given[] = [];
  for (const extent of placed) {
    const tagged = chosen.length > 1 ? { ...extent, tag: device.newTag() } : extent;
    given.push(...(await give(chosen, [tagged])));
  }
  return given;
}

export interface ReleaseRequest {
  /** Of a place in the allocation. */
  readonly offset?: number | undefined;
  readonly tag?: string | undefined;
  /** All that the hosts have. */
  readonly all?: boolean | undefined;
  /** Takes what is in use as well. */
  readonly force?: boolean | undefined;
  /** Names; default: all that have it. */
  readonly hosts?: readonly string[] | undefined;
}

function isMeant({ offset, tag, all }: ReleaseRequest, extent: Extent): boolean {
  if (all === true) return true;
  if (tag !== undefined) return extent.tag === tag;
  return offset !== undefined && offset >= extent.offset && offset < extent.offset + extent.length;
}

export interface Released {
  readonly host: string;
  readonly extents: readonly Extent[];
}

/** CapacityError: no host has it, or one refuses; what was released before stays so. */
export async function releaseCapacity(device: CapacityDevice, request: ReleaseRequest): Promise<Released[]> {
  const chosen = request.hosts === undefined ? device.hosts : chooseHosts(device, request.hosts);
  const released: Released[] = [];
  for (const { host, extents } of await holdings(device)) {
    if (!chosen.includes(host)) continue;
    for (let left = extents, meant = left.find((each) => isMeant(request, each)); meant !== undefined; ) {
      await host.release(meant, request.force);
      const after = await host.extents();
      const gone = left.filter(({ offset }) => after.every((each) => each.offset !== offset));
      if (gone.length === 0) break;
      released.push({ host: host.name, extents: gone });
      left = after;
      meant = left.find((each) => isMeant(request, each));
    }
  }
  if (released.length === 0)
    throw new CapacityError(
      `no host of ${device.name} has that`,
      '`cxlbox capacity list` tells what each has',
    );
  return released;
}
