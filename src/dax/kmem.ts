/**
 * The driver `kmem`: the ranges of a dax device become system memory of its target node
 * (`drivers/dax/kmem.c`, 7.2).
 *
 * What it adds it can take away only if every block is offline, and nothing here ever offlines one.
 * What cannot be taken away stays, with its two entries in /proc/iomem, and keeps the range from
 * being used again.
 */
import { KernelError } from '../errno.ts';
import { hex } from '../kernfs/format.ts';
import type { MemoryGroup } from '../mm/hotplug/memory-group.ts';
import type { Resource } from '../mm/resource.ts';
import { ADISTANCE_KMEM } from '../mm/tier/memory-tier.ts';
import { PAGE_SIZE } from '../units.ts';
import { binarySize } from './binary-size.ts';
import { type DaxDriver, daxDeviceOf } from './dax-bus.ts';
import type { DaxContext } from './dax-context.ts';
import type { DaxDevice } from './dax-device.ts';

const MEMORY_NAME = 'System RAM (kmem)';

interface AlignedRange {
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** What a probe leaves for the remove (`struct dax_kmem_data`). */
interface KmemData {
  readonly group: MemoryGroup;
  readonly distance: number;
  /** By index of the device's range; a range that could not be added has none. */
  readonly resources: Map<number, Resource>;
}

/** dax_kmem_range(): the whole memory blocks inside a range, or undefined if there is none. */
function alignedRange(
  range: { readonly start: number; readonly end: number },
  blockSize: number,
): AlignedRange | undefined {
  const start = Math.ceil(range.start / blockSize) * blockSize;
  const end = Math.floor((range.end + 1) / blockSize) * blockSize;
  return end > start ? { start, size: end - start } : undefined;
}

export function createKmemDriver(context: DaxContext, module?: string): DaxDriver {
  const kmem = new Kmem(context);
  return {
    name: 'kmem',
    module,
    kind: 'kmem',
    ids: new Set(),
    probe: (device) => kmem.probe(daxDeviceOf(device)),
    remove: (device) => kmem.remove(daxDeviceOf(device)),
  };
}

class Kmem {
  private readonly context: DaxContext;
  private readonly bound = new Map<DaxDevice, KmemData>();

  constructor(context: DaxContext) {
    this.context = context;
  }

  /**
   * dev_dax_kmem_probe(). EINVAL: no target node, or no whole memory block inside the ranges;
   * ENXIO: no memory answers; EBUSY: the first range is taken in /proc/iomem; else the errno of
   * adding the first range. Later ranges that fail are skipped.
   */
  probe(dax: DaxDevice): void {
    const { hotplug, tiers } = this.context.memory;
    const { targetNode } = dax.region;
    if (targetNode < 0) {
      this.log('warn', dax, `no memory can be added to node ${targetNode}`);
      throw new KernelError('EINVAL', `${dax.name} has no target node`);
    }
    // Linux would add it, and meet a machine check at the first page that it touches.
    if (dax.lost) throw new KernelError('ENXIO', `the memory of ${dax.name} was taken by force`);
    const distance = tiers.calculateDistance(targetNode, ADISTANCE_KMEM);
    const total = this.usableSize(dax);
    tiers.initNodeMemoryType(targetNode, distance);
    let group: MemoryGroup | undefined;
    try {
      group = hotplug.registerStaticGroup(targetNode, total / PAGE_SIZE);
      this.bound.set(dax, { group, distance, resources: this.addRanges(dax, group) });
    } catch (error) {
      if (group !== undefined) hotplug.unregisterGroup(group);
      tiers.clearNodeMemoryType(targetNode, distance);
      throw error;
    }
  }

  /** Bytes in whole blocks. EINVAL: none. */
  private usableSize(dax: DaxDevice): number {
    let total = 0;
    for (const [index, range] of dax.ranges.entries()) {
      const aligned = alignedRange(range, this.context.memory.hotplug.blockSize);
      if (aligned === undefined)
        this.log('info', dax, `${where(index, range)} holds no whole memory block`);
      total += aligned?.size ?? 0;
    }
    if (total === 0) {
      this.log('warn', dax, 'no whole memory block is left');
      throw new KernelError('EINVAL', `${dax.name} holds no whole memory block`);
    }
    if (total < dax.size)
      this.log(
        'warn',
        dax,
        `${binarySize(dax.size - total)} outside whole memory blocks stay unused`,
      );
    return total;
  }

  /** Resources by index of the range. Throws only while nothing has been added. */
  private addRanges(dax: DaxDevice, group: MemoryGroup): Map<number, Resource> {
    const resources = new Map<number, Resource>();
    for (const [index, range] of dax.ranges.entries()) {
      const aligned = alignedRange(range, this.context.memory.hotplug.blockSize);
      if (aligned === undefined) continue;
      try {
        resources.set(index, this.addRange(dax, group, aligned, index));
      } catch (error) {
        if (!(error instanceof KernelError) || resources.size === 0) throw error;
      }
    }
    return resources;
  }

  private addRange(
    dax: DaxDevice,
    group: MemoryGroup,
    aligned: AlignedRange,
    index: number,
  ): Resource {
    const { iomem, hotplug } = this.context.memory;
    const label = where(index, { start: aligned.start, end: aligned.start + aligned.size - 1 });
    const resource = this.warning(dax, `${label} is taken`, () =>
      iomem.request(aligned.start, aligned.size, dax.name),
    );
    // Not busy any more: the memory goes below it.
    resource.busy = false;
    const { memmapOnMemory, onlineType } = dax;
    try {
      this.warning(dax, `${label} could not be added`, () =>
        hotplug.addDriverManagedMemory({
          group,
          ...aligned,
          name: MEMORY_NAME,
          memmapOnMemory,
          onlineType,
        }),
      );
    } catch (error) {
      iomem.release(resource);
      throw error;
    }
    return resource;
  }

  private warning<T>(dax: DaxDevice, text: string, attempt: () => T): T {
    try {
      return attempt();
    } catch (error) {
      this.log('warn', dax, text);
      throw error;
    }
  }

  /**
   * dev_dax_kmem_remove(): each range by itself, all its blocks or none. If one stays, or was too
   * small to be added, the memory group and the node's memory type are never freed, as in the
   * kernel.
   */
  remove(dax: DaxDevice): void {
    const data = this.bound.get(dax);
    if (data === undefined) return;
    this.bound.delete(dax);
    const done = dax.ranges.filter((range, index) => this.removeRange(dax, data, range, index));
    if (done.length < dax.ranges.length) return;
    this.context.memory.hotplug.unregisterGroup(data.group);
    this.context.memory.tiers.clearNodeMemoryType(dax.region.targetNode, data.distance);
  }

  /** False for a range whose memory stays, and for one too small to have any. */
  private removeRange(
    dax: DaxDevice,
    data: KmemData,
    range: { start: number; end: number },
    index: number,
  ): boolean {
    const { iomem, hotplug } = this.context.memory;
    const aligned = alignedRange(range, hotplug.blockSize);
    if (aligned === undefined) return false;
    const resource = data.resources.get(index);
    if (resource === undefined) return true;
    try {
      hotplug.removeMemory(aligned.start, aligned.size);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.log(
        'err',
        dax,
        `${where(index, resource)} is in use and stays until the next reboot: ${error.reason}`,
      );
      return false;
    }
    iomem.release(resource);
    return true;
  }

  private log(level: 'err' | 'warn' | 'info', dax: DaxDevice, text: string): void {
    this.context.kernel.log.print(level, `kmem ${dax.name}: ${text}`);
  }
}

function where(index: number, range: { readonly start: number; readonly end: number }): string {
  return `mapping${index}: ${hex(range.start)}-${hex(range.end)}`;
}
