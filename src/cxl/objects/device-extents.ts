/**
 * The dynamic capacity of a memory device as hardware: which extents of its partition this host has
 * been given (CXL 3.1, 9.13.3). A fabric manager outside decides; the host can only accept, refuse
 * and give back.
 */
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { type AddressSpan, spanContains, spansOverlap } from '../../mm/address-span.ts';
import type { Partition } from './partition.ts';

/** A piece of the partition, by device physical address. */
export interface DeviceExtent extends AddressSpan {
  /** A uuid; extents of one tag are one allocation. Absent: untagged. */
  readonly tag?: string | undefined;
}

/** Extents begin and end at multiples of it; the unit that the host maps as well (PMD_SIZE). */
export const DC_BLOCK_SIZE = 2 * 2 ** 20;

export class DynamicCapacity {
  readonly partition: Partition;
  /** In ascending order. */
  private accepted: DeviceExtent[] = [];
  /**
   * Host physical, by the first extent of the allocation: memory that kmem had to leave behind when
   * its driver went.
   */
  private readonly leftBehind = new Map<number, readonly AddressSpan[]>();

  constructor(partition: Partition) {
    this.partition = partition;
  }

  get extents(): readonly DeviceExtent[] {
    return this.accepted;
  }

  /**
   * What a device checks of Add Dynamic Capacity before the host hears of it. EINVAL: not of whole
   * blocks, outside the partition, overlapping one another; EBUSY: the host has it already.
   */
  assertOffer(offered: readonly DeviceExtent[]): void {
    const { partition } = this;
    for (const [index, extent] of offered.entries()) {
      const { start, length } = extent;
      const what = `${hex(start - partition.start)} ${hex(length)}`;
      if (length <= 0 || start % DC_BLOCK_SIZE !== 0 || length % DC_BLOCK_SIZE !== 0)
        throw new KernelError(
          'EINVAL',
          `extent ${what} is not made of blocks of ${hex(DC_BLOCK_SIZE)}`,
        );
      if (!spanContains({ start: partition.start, length: partition.size }, extent))
        throw new KernelError(
          'EINVAL',
          `extent ${what} is beyond the ${hex(partition.size)} of ${partition.mode}`,
        );
      if (overlapping(offered.slice(0, index), extent) !== undefined)
        throw new KernelError('EINVAL', `extent ${what} is offered twice`);
      if (overlapping(this.accepted, extent) !== undefined)
        throw new KernelError('EBUSY', `extent ${what} overlaps one that the host has`);
    }
  }

  /** The host accepted them. */
  add(extents: readonly DeviceExtent[]): void {
    for (const { start } of extents) this.leftBehind.delete(start);
    this.accepted = [...this.accepted, ...extents].sort((a, b) => a.start - b.start);
  }

  /**
   * The allocation stays with the host, which uses its memory without having a dax device of it any
   * more.
   */
  leaveBehind([first]: readonly DeviceExtent[], memory: readonly AddressSpan[]): void {
    if (first !== undefined) this.leftBehind.set(first.start, memory);
  }

  /** Host physical ranges of an allocation that was left behind; none of others. */
  memoryLeftBehind([first]: readonly DeviceExtent[]): readonly AddressSpan[] {
    return first === undefined ? [] : (this.leftBehind.get(first.start) ?? []);
  }

  /** They are the fabric manager's again; those that are not there are ignored. */
  remove(extents: readonly DeviceExtent[]): void {
    for (const { start } of extents) this.leftBehind.delete(start);
    this.accepted = this.accepted.filter(({ start }) =>
      extents.every((each) => each.start !== start),
    );
  }

  /**
   * The allocation that a range inside one of its extents belongs to: that extent, or all of its
   * tag. EINVAL: none, or one of another tag.
   */
  allocationOf(range: DeviceExtent): readonly DeviceExtent[] {
    const found = this.accepted.find((extent) => range.length > 0 && spanContains(extent, range));
    const what = `${hex(range.start - this.partition.start)} ${hex(range.length)}`;
    if (found === undefined) throw new KernelError('EINVAL', `the host has no extent with ${what}`);
    if (range.tag !== undefined && range.tag !== found.tag)
      throw new KernelError('EINVAL', `the extent with ${what} is ${found.tag ?? 'untagged'}`);
    return found.tag === undefined ? [found] : this.accepted.filter(({ tag }) => tag === found.tag);
  }
}

function overlapping(
  extents: readonly DeviceExtent[],
  extent: DeviceExtent,
): DeviceExtent | undefined {
  return extents.find((each) => spansOverlap(each, extent));
}
