/**
 * The files of a dax device, each with its checks in the kernel's order (`dev_dax_attributes` of
 * `drivers/dax/bus.c`, 7.2).
 */

import type { DeviceType } from '../driver-core/device.ts';
import { KernelError } from '../errno.ts';
import type { Attribute } from '../kernfs/attribute.ts';
import { hex } from '../kernfs/format.ts';
import { cString, kstrtobool, kstrtoull, NULL_UUID } from '../kernfs/parse.ts';
import { PMD_SIZE, PUD_SIZE } from '../mm/constants.ts';
import { PAGE_SIZE } from '../units.ts';
import type { DaxDevice } from './dax-device.ts';
import { lengthOf } from './range-allocation.ts';
import { claimExtents, giveExtentsBack } from './region-extents.ts';
import { DAX_FILES } from './sources.ts';

const ALIGNMENTS: ReadonlySet<bigint> = new Set([PAGE_SIZE, PMD_SIZE, PUD_SIZE].map(BigInt));

/**
 * alloc_is_aligned(): ranges are multiples of the alignment, at least of what memory maps can hold.
 */
function isMultiple(length: bigint, align: number): boolean {
  return length % BigInt(Math.max(align, PMD_SIZE)) === 0n;
}

/** ENXIO: the region's parent has no driver; EBUSY: the device has one. */
function requireIdle(dax: DaxDevice): void {
  if (dax.region.parent.driver === undefined)
    throw new KernelError('ENXIO', `${dax.region.parent.name} has no driver`);
  if (dax.device.driver !== undefined)
    throw new KernelError('EBUSY', `${dax.name} is bound to ${dax.driverName}`);
}

/**
 * size_store(). EINVAL, ERANGE: no number; EINVAL: not aligned; ENXIO, EBUSY; ENOSPC: more than the
 * region has. EOPNOTSUPP: in a dynamic region a device has all of its allocation or nothing.
 */
function storeSize(dax: DaxDevice, text: string): void {
  const size = kstrtoull(text);
  if (!isMultiple(size, dax.align))
    throw new KernelError('EINVAL', `size is not a multiple of ${Math.max(dax.align, PMD_SIZE)}`);
  requireIdle(dax);
  const growth = size - BigInt(dax.size);
  if (growth === 0n) return;
  if (dax.region.dynamic) {
    if (size !== 0n)
      throw new KernelError(
        'EOPNOTSUPP',
        `${dax.region.name} is dynamic: ${dax.name} takes 0 only`,
      );
    giveExtentsBack(dax);
    return;
  }
  if (growth > BigInt(dax.region.available))
    throw new KernelError('ENOSPC', `${dax.region.name} has less available`);
  dax.resize(Number(size));
}

/** The number of an `align` write. ENXIO, whatever is wrong with it (align_store). */
function parseAlign(text: string): bigint {
  try {
    return kstrtoull(text);
  } catch (error) {
    if (error instanceof KernelError) throw new KernelError('ENXIO', error.reason);
    throw error;
  }
}

/**
 * align_store(). ENXIO: no number, no region driver; EINVAL: not supported or a length does not
 * fit; EBUSY.
 */
function storeAlign(dax: DaxDevice, text: string): void {
  const align = parseAlign(text);
  if (!ALIGNMENTS.has(align))
    throw new KernelError('EINVAL', `alignment ${align} is not supported`);
  requireIdle(dax);
  const misfit = dax.ranges.find((range) => !isMultiple(BigInt(lengthOf(range)), Number(align)));
  if (misfit !== undefined)
    throw new KernelError('EINVAL', `a range of ${dax.name} is not a multiple of ${align}`);
  dax.align = Number(align);
}

/** range_parse(): `<start>-<end>`, hexadecimal. EINVAL, ERANGE. */
function parseRange(text: string): { readonly start: bigint; readonly end: bigint } {
  const body = cString(text);
  const dash = body.indexOf('-');
  if (dash < 0) throw new KernelError('EINVAL', 'a mapping is <start>-<end>');
  return { start: kstrtoull(body.slice(0, dash), 16), end: kstrtoull(body.slice(dash + 1), 16) };
}

/**
 * mapping_store(). EINVAL, ERANGE: no range; ENOMEM: outside the region or taken; EBUSY: empty, and
 * the device has a range. A length that does not fit, or a region without driver, is silently
 * ignored; a bound device accepts it too.
 */
function storeMapping(dax: DaxDevice, text: string): void {
  const { start, end } = parseRange(text);
  if (dax.region.parent.driver === undefined) return;
  const length = BigInt.asUintN(64, end - start + 1n);
  if (!isMultiple(length, dax.align)) return;
  if (
    length > 0n &&
    (start < BigInt(dax.region.start) || start + length - 1n > BigInt(dax.region.end))
  ) {
    throw new KernelError('ENOMEM', `range is not inside ${dax.region.name}`);
  }
  dax.map(Number(start), Number(length));
}

/**
 * memmap_on_memory_store(). EINVAL: no boolean; EOPNOTSUPP: the system cannot now; EBUSY: kmem uses
 * the value.
 */
function storeMemmapOnMemory(dax: DaxDevice, text: string): void {
  const wanted = kstrtobool(text);
  if (wanted && !dax.region.context.memory.hotplug.memmapOnMemorySupported()) {
    throw new KernelError('EOPNOTSUPP', 'memory cannot hold its own page structures here');
  }
  if (wanted !== dax.memmapOnMemory && dax.driverName === 'kmem')
    throw new KernelError('EBUSY', `${dax.name} is bound to kmem`);
  dax.memmapOnMemory = wanted;
}

const ATTRIBUTES: readonly Attribute<DaxDevice>[] = [
  { name: 'modalias', mode: 0o444, show: () => 'dax:t0\n' },
  { name: 'size', mode: 0o644, show: (dax) => `${dax.size}\n`, store: storeSize },
  { name: 'mapping', mode: 0o200, store: storeMapping },
  { name: 'target_node', mode: 0o444, show: (dax) => `${dax.region.targetNode}\n` },
  { name: 'align', mode: 0o644, show: (dax) => `${dax.align}\n`, store: storeAlign },
  // resource_show(): without a range the region's start.
  {
    name: 'resource',
    mode: 0o400,
    show: (dax) => `${hex(dax.ranges[0]?.start ?? dax.region.start)}\n`,
  },
  { name: 'numa_node', mode: 0o444, show: (dax) => `${dax.region.numaNode}\n` },
  {
    name: 'memmap_on_memory',
    mode: 0o644,
    show: (dax) => (dax.memmapOnMemory ? '1\n' : '0\n'),
    store: storeMemmapOnMemory,
  },
  {
    name: 'uuid',
    source: {
      document: 'ABI/testing/sysfs-bus-cxl, sysfs-bus-dax of the series',
      code: 'the patch series "DCD: Add support for Dynamic Capacity Devices", 2026',
    },
    mode: 0o644,
    show: ({ extents }) => `${extents?.tag ?? NULL_UUID}\n`,
    store: (dax, text) => {
      requireIdle(dax);
      claimExtents(dax, text);
    },
  },
];

/** Modes in a static region; 0: hidden. */
const STATIC_MODES: Readonly<Record<string, number>> = { mapping: 0, size: 0o444, align: 0o444 };

function modeOf({ region }: DaxDevice, { name, mode }: Attribute<DaxDevice>): number {
  if (name === 'target_node' && region.targetNode < 0) return 0;
  if (name === 'uuid') return region.dynamic ? mode : 0;
  if (name === 'mapping' && region.dynamic) return 0;
  return region.static ? (STATIC_MODES[name] ?? mode) : mode;
}

/** No DEVTYPE. */
export const DAX_DEVICE_TYPE: DeviceType<DaxDevice> = {
  groups: [{ attributes: ATTRIBUTES, visible: modeOf }],
  source: DAX_FILES,
};
