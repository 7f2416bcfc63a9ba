/**
 * What a fabric manager does with the dynamic capacity of one device: it gives extents to hosts and
 * takes them back (Initiate Dynamic Capacity Add and Release, CXL 3.1, 7.6.7.6.5). The hosts' own
 * lists are all that it knows: nothing is remembered here.
 */
import type { Extent } from '../../cxlbox-abi/capacity.ts';
import { exactSize } from '../../units.ts';
import { firstFit, overlap } from './extent.ts';
import { CapacityError, type CapacityHost, RefusedError, type Surfaced } from './host.ts';

export interface CapacityDevice {
  readonly name: string;
  readonly hosts: readonly CapacityHost[];
  /** Hosts that are attached and cannot be asked what they have. */
  readonly silent: readonly { readonly name: string; readonly why: string }[];
  /** A tag that no host uses: extents that several hosts share need one. */
  newTag(): string;
}

export interface AddRequest {
  /** Bytes of each extent. */
  readonly size: number;
  /**
   * Of the first extent, in the partition (the selection policy "prescriptive"); absent: where it
   * is free first.
   */
  readonly offset?: number | undefined;
  /** How many extents, one behind the other if the offset is given; default 1. */
  readonly count?: number | undefined;
  /** Makes all of them one allocation. */
  readonly tag?: string | undefined;
  /** Names; several share the extents. Default: the only host. */
  readonly hosts?: readonly string[] | undefined;
}

/** One allocation at one host. */
export interface Allocation {
  readonly host: string;
  readonly extents: readonly Extent[];
  readonly surfaced: readonly Surfaced[];
}

export interface Holding {
  readonly host: CapacityHost;
  readonly extents: readonly Extent[];
}

export function holdings({ hosts }: CapacityDevice): Promise<Holding[]> {
  return Promise.all(hosts.map(async (host) => ({ host, extents: await host.extents() })));
}

/** CapacityError: none of that name, one that cannot be asked, or one that is named twice. */
export function chooseHosts(device: CapacityDevice, names: readonly string[] = []): CapacityHost[] {
  const { name, hosts, silent } = device;
  const known = hosts.map((host) => host.name).join(', ');
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined)
    throw new CapacityError(`host '${twice}' is named twice`, 'name each host once');
  if (names.length > 0)
    return names.map((each) => {
      const host = hosts.find((candidate) => candidate.name === each);
      if (host !== undefined) return host;
      const why = silent.find((candidate) => candidate.name === each)?.why;
      if (why !== undefined) throw silentError(each, why);
      throw new CapacityError(`${name} has no host '${each}'`, `choose one of ${known}`);
    });
  const [only, ...others] = hosts;
  if (only !== undefined && others.length === 0) return [only];
  throw new CapacityError(
    `${name} has ${hosts.length} hosts`,
    `choose one or more with --host: ${known}`,
  );
}

function silentError(host: string, why: string): CapacityError {
  return new CapacityError(
    `host ${host} cannot report which extents it has: ${why}`,
    'let its box continue if it is stopped, or end it, which frees its extents',
  );
}

/** CapacityError: nothing so large is free, or the place is beyond the partition. */
function place(
  { name }: CapacityDevice,
  { size, offset, count = 1, tag }: AddRequest,
  partition: number,
  taken: readonly Holding[],
): Extent[] {
  if (offset !== undefined && offset + count * size > partition)
    throw new CapacityError(
      `${count} x ${exactSize(size)} at 0x${offset.toString(16)} extends beyond the ${exactSize(partition)} of ${name}`,
      'choose a lower --offset, or leave it out',
    );
  const placed: Extent[] = [];
  const others = taken.flatMap(({ extents }) => extents);
  for (let index = 0; index < count; index += 1) {
    const at =
      offset === undefined
        ? firstFit(partition, size, [...others, ...placed])
        : offset + index * size;
    if (at === undefined)
      throw new CapacityError(
        `${name} has no room for ${count === 1 ? 'an extent' : `${count} extents`} of ${exactSize(size)}`,
        'release extents, or add smaller or fewer ones; each needs one contiguous free range',
      );
    placed.push({ offset: at, length: size, tag });
  }
  return placed;
}

/**
 * Two hosts may have the very same extents under the same tag, and no other ones in common.
 * CapacityError.
 */
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
        `host ${host.name} already has 0x${met.offset.toString(16)} ${exactSize(met.length)} of that range, ${met.tag ?? 'untagged'}`,
        'release that extent first; to share it, add the same extent with the same --tag',
      );
    }
  }
}

/** Returns the hosts that use the allocation already, and keep it. */
async function takeBack(
  hosts: readonly CapacityHost[],
  [first]: readonly Extent[],
): Promise<string[]> {
  const keep: string[] = [];
  for (const host of hosts) {
    try {
      // An allocation goes whole, whichever of its extents is named.
      if (first !== undefined) await host.release(first);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      keep.push(host.name);
    }
  }
  return keep;
}

/** All hosts or none, unless one uses at once what it got. */
async function give(
  hosts: readonly CapacityHost[],
  extents: readonly Extent[],
  report: (allocation: Allocation) => void,
): Promise<void> {
  const given: Allocation[] = [];
  try {
    for (const host of hosts)
      given.push({ host: host.name, extents, surfaced: await host.add(extents) });
  } catch (error) {
    const keep = await takeBack(hosts.slice(0, given.length), extents);
    for (const allocation of given) if (keep.includes(allocation.host)) report(allocation);
    throw error;
  }
  for (const allocation of given) report(allocation);
}

/**
 * Calls `report` for each allocation that a host now has. CapacityError: there is no room, or what
 * all hosts have is not known; RefusedError: a host refuses. What was reported before that stays.
 */
export async function addCapacity(
  device: CapacityDevice,
  request: AddRequest,
  report: (allocation: Allocation) => void,
): Promise<void> {
  const chosen = chooseHosts(device, request.hosts);
  const [silent] = device.silent;
  if (silent !== undefined) throw silentError(silent.name, silent.why);
  const [first] = chosen;
  if (first === undefined) return;
  const taken = await holdings(device);
  const placed = place(device, request, await first.size(), taken);
  assertShareable(placed, chosen, taken);
  if (request.tag !== undefined) {
    await give(chosen, placed, report);
    return;
  }
  for (const extent of placed) {
    const tagged = chosen.length > 1 ? { ...extent, tag: device.newTag() } : extent;
    await give(chosen, [tagged], report);
  }
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

export interface Released {
  readonly host: string;
  readonly extents: readonly Extent[];
}

function isMeant({ offset, tag, all }: ReleaseRequest, extent: Extent): boolean {
  if (all === true) return true;
  if (tag !== undefined) return extent.tag === tag;
  return offset !== undefined && offset >= extent.offset && offset < extent.offset + extent.length;
}

function isOfSameAllocation(one: Extent, other: Extent): boolean {
  return one.offset === other.offset || (one.tag !== undefined && one.tag === other.tag);
}

/** Returns the first refusal, having tried all that is meant. */
async function releaseFrom(
  { host, extents }: Holding,
  request: ReleaseRequest,
  report: (released: Released) => void,
): Promise<RefusedError | undefined> {
  let refusal: RefusedError | undefined;
  let left = extents.filter((extent) => isMeant(request, extent));
  while (left.length > 0) {
    const [meant] = left;
    if (meant === undefined) break;
    // All of its tag, those included that were not meant by their place.
    const allocation = extents.filter((extent) => isOfSameAllocation(extent, meant));
    left = left.filter((extent) => !allocation.includes(extent));
    try {
      await host.release(meant, request.force);
      report({ host: host.name, extents: allocation });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refusal ??= error;
    }
  }
  return refusal;
}

/**
 * Calls `report` for each allocation that a host has given back. RefusedError: a host refuses one,
 * when all was tried; CapacityError: no host has such capacity.
 */
export async function releaseCapacity(
  device: CapacityDevice,
  request: ReleaseRequest,
  report: (released: Released) => void,
): Promise<void> {
  const chosen = request.hosts === undefined ? device.hosts : chooseHosts(device, request.hosts);
  let refusal: RefusedError | undefined;
  let found = false;
  const reportFound = (released: Released): void => {
    found = true;
    report(released);
  };
  for (const holding of await holdings(device)) {
    if (!chosen.includes(holding.host)) continue;
    const refused = await releaseFrom(holding, request, reportFound);
    refusal ??= refused;
  }
  if (refusal !== undefined) throw refusal;
  if (!found)
    throw new CapacityError(
      `no host of ${device.name} has the specified capacity`,
      'see `cxlbox capacity list` for what each host has',
    );
}
