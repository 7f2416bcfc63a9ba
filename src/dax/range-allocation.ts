/**
 * Which physical addresses of a region a dax device gets, and in which order they appear in it
 * (`alloc_dev_dax_range`, `dev_dax_resize`, `dev_dax_shrink` of `drivers/dax/bus.c`, 7.2).
 *
 * A device's ranges are in allocation order, which need not be address order. Ranges of one region
 * never overlap.
 */
import { KernelError } from '../errno.ts';
import { PAGE_SIZE } from '../units.ts';
import type { DaxDevice } from './dax-device.ts';
import type { DaxMapping } from './dax-mapping.ts';
import { registerMapping, unregisterMapping } from './dax-mapping.ts';
import type { DaxRegion } from './dax-region.ts';

export interface DaxRange {
  readonly start: number;
  /** Inclusive. */
  end: number;
  /** Where the range begins in the device, in pages: all earlier ranges together. */
  readonly pageOffset: number;
  /**
   * Its `mapping<K>` directory; absent until the device is registered, and again while it is torn
   * down.
   */
  mapping: DaxMapping | undefined;
}

/** Bytes. */
export function lengthOf(range: { readonly start: number; readonly end: number }): number {
  return range.end - range.start + 1;
}

interface BusyRange {
  readonly dax: DaxDevice;
  readonly range: DaxRange;
}

/** All ranges of all devices of the region, by address. */
function busyRanges(region: DaxRegion): BusyRange[] {
  return region.devices
    .flatMap((dax) => dax.ranges.map((range) => ({ dax, range })))
    .sort((left, right) => left.range.start - right.range.start);
}

/**
 * alloc_dev_dax_range(): appends a range. ENOMEM: it is not wholly inside the region or overlaps a
 * range of any device; EBUSY: zero bytes for a device that has a range already (zero bytes for one
 * without: nothing happens).
 */
export function addRange(dax: DaxDevice, start: number, length: number): void {
  const { region } = dax;
  if (length === 0) {
    if (dax.ranges.length > 0) throw new KernelError('EBUSY', `${dax.name} already has a range`);
    return;
  }
  const end = start + length - 1;
  if (start < region.start || end > region.end)
    throw new KernelError('ENOMEM', `range is not inside ${region.name}`);
  const met = busyRanges(region).find(({ range }) => range.start <= end && start <= range.end);
  if (met !== undefined) throw new KernelError('ENOMEM', `range overlaps one of ${met.dax.name}`);
  const range: DaxRange = { start, end, pageOffset: dax.size / PAGE_SIZE, mapping: undefined };
  dax.ranges.push(range);
  if (dax.device.registered) registerMapping(dax, range);
}

interface Hole {
  /** The range that ends where the hole begins; absent: the hole begins with the region. */
  readonly after: BusyRange | undefined;
  readonly start: number;
  readonly length: number;
}

function lowestHole(region: DaxRegion): Hole | undefined {
  let after: BusyRange | undefined;
  let start = region.start;
  for (const busy of busyRanges(region)) {
    if (busy.range.start > start) return { after, start, length: busy.range.start - start };
    after = busy;
    start = busy.range.end + 1;
  }
  return start <= region.end ? { after, start, length: region.end + 1 - start } : undefined;
}

/**
 * adjust_ok(): only a device's last range grows in place. Earlier ranges cannot have a larger page
 * offset, since offsets are sums of what came before.
 */
function growsInPlace(dax: DaxDevice, hole: Hole): boolean {
  return hole.after !== undefined && hole.after.range === dax.ranges.at(-1);
}

/**
 * Takes the lowest holes of the region until `amount` bytes are added. ENOSPC: no hole is left;
 * what was taken before that stays.
 */
export function grow(dax: DaxDevice, amount: number): void {
  for (let missing = amount; missing > 0; ) {
    const hole = lowestHole(dax.region);
    if (hole === undefined) throw new KernelError('ENOSPC', `${dax.region.name} has no hole left`);
    const taken = Math.min(hole.length, missing);
    const last = dax.ranges.at(-1);
    if (last !== undefined && growsInPlace(dax, hole)) last.end += taken;
    else addRange(dax, hole.start, taken);
    missing -= taken;
  }
}

/**
 * Takes `amount` bytes away from the end: whole ranges, last first, then the tail of the one that
 * remains.
 */
export function shrink(dax: DaxDevice, amount: number): void {
  let surplus = amount;
  for (let last = dax.ranges.at(-1); last !== undefined && surplus > 0; last = dax.ranges.at(-1)) {
    const length = lengthOf(last);
    if (surplus < length) {
      last.end -= surplus;
      return;
    }
    unregisterMapping(dax, last);
    dax.ranges.pop();
    surplus -= length;
  }
}
