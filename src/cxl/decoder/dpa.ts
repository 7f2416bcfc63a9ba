/**
 * Device physical addresses: the attributes `mode`, `dpa_size` and `dpa_resource` of an endpoint
 * decoder, and what firmware's decoders occupy (`drivers/cxl/core/hdm.c`, 7.2).
 *
 * Within a partition space is taken in ascending order and never from a hole. Taking from pmem
 * skips what is free of ram below it: that ram is lost until the pmem allocation goes.
 */
import { KernelError } from '../../errno.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import { hex, paddedHex } from '../../kernfs/format.ts';
import { kstrtoull, sysfsMatch } from '../../kernfs/parse.ts';
import { CAPACITY_MULTIPLE } from '../address/interleave.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { HdmRegister } from '../objects/hdm-register.ts';
import type { Memdev } from '../objects/memdev.ts';
import { PARTITION_MODES, type Partition } from '../objects/partition.ts';
import type { Port } from '../objects/port.ts';

const DPA_ALIGN = BigInt(CAPACITY_MULTIPLE);
const NO_RESOURCE = 0xffff_ffff_ffff_ffffn;

function endpointDecoders(port: Port): EndpointDecoder[] {
  return port.decoders.filter((each) => each.kind === 'endpoint');
}

interface Taken {
  readonly start: number;
  readonly size: number;
  readonly decoder: EndpointDecoder;
}

/** What allocations, and the skips below them, take of a partition. */
function takenOf(port: Port, partition: Partition): Taken[] {
  const partitionEnd = partition.start + partition.size;
  return endpointDecoders(port).flatMap((decoder) => {
    const { dpa } = decoder;
    if (dpa === undefined) return [];
    const ranges = [
      { from: dpa.start - dpa.skip, to: dpa.start },
      { from: dpa.start, to: dpa.start + dpa.size },
    ];
    return ranges
      .map(({ from, to }) => ({
        from: Math.max(from, partition.start),
        to: Math.min(to, partitionEnd),
      }))
      .filter(({ from, to }) => to > from)
      .map(({ from, to }) => ({ start: from, size: to - from, decoder }));
  });
}

/** Where the next allocation in `partition` starts: behind the last allocation or skip in it. */
function nextFree(port: Port, partition: Partition): number {
  return Math.max(
    partition.start,
    ...takenOf(port, partition).map(({ start, size }) => start + size),
  );
}

/** Bytes of lower partitions that are free and lost by an allocation in `partition`. */
function skipBelow(port: Port, memdev: Memdev, partition: Partition): number {
  const lower = memdev.partitions.filter((each) => each.start < partition.start);
  return lower.reduce((sum, each) => sum + each.start + each.size - nextFree(port, each), 0);
}

function memdevOf(decoder: EndpointDecoder): Memdev {
  const { memdev } = decoder.port;
  if (memdev === undefined)
    throw new KernelError('ENXIO', `${decoder.name} belongs to no memory device`);
  return memdev;
}

/**
 * `mode`: EINVAL for another word or a partition that the device lacks, EBUSY while enabled, ENXIO
 * for an empty one.
 */
function storeMode(decoder: EndpointDecoder, text: string): void {
  const mode = sysfsMatch(text, PARTITION_MODES);
  if (mode === undefined)
    throw new KernelError('EINVAL', `mode is one of ${PARTITION_MODES.join(', ')}`);
  if (decoder.enabled) throw new KernelError('EBUSY', `${decoder.name} is enabled`);
  const memdev = memdevOf(decoder);
  const partition = memdev.partition(mode);
  if (partition === undefined)
    throw new KernelError('EINVAL', `${memdev.name} has no ${mode} partition`);
  if (partition.size === 0)
    throw new KernelError('ENXIO', `the ${mode} partition of ${memdev.name} is empty`);
  decoder.mode = mode;
}

/**
 * cxl_dpa_free(): success where nothing is allocated. EBUSY: in a region, enabled, or not the last
 * allocation.
 */
function freeDpa(decoder: EndpointDecoder): void {
  if (decoder.dpa === undefined) return;
  assertIdle(decoder);
  if (decoder.id !== decoder.port.hdmEnd) {
    throw new KernelError(
      'EBUSY',
      `decoder${decoder.port.id}.${decoder.port.hdmEnd} has to be freed first`,
    );
  }
  releaseDpa(decoder);
  if (decoder.dpaCleanup !== undefined) decoder.port.device?.devres.forget(decoder.dpaCleanup);
  decoder.dpaCleanup = undefined;
}

function assertIdle(decoder: EndpointDecoder): void {
  if (decoder.region !== undefined)
    throw new KernelError('EBUSY', `${decoder.name} is part of ${decoder.region.name}`);
  if (decoder.enabled) throw new KernelError('EBUSY', `${decoder.name} is enabled`);
}

function releaseDpa(decoder: EndpointDecoder): void {
  decoder.dpa = undefined;
  decoder.port.hdmEnd = Math.min(decoder.port.hdmEnd, decoder.id - 1);
}

/**
 * cxl_dpa_alloc(): EBUSY in a region, enabled, without mode or out of order; ENOSPC beyond the free
 * tail.
 */
function allocateDpa(decoder: EndpointDecoder, size: bigint): void {
  const { port } = decoder;
  assertIdle(decoder);
  const memdev = memdevOf(decoder);
  const partition = memdev.partition(decoder.mode);
  if (partition === undefined) throw new KernelError('EBUSY', `${decoder.name} has no mode`);
  const start = nextFree(port, partition);
  const available = partition.start + partition.size - start;
  if (size > BigInt(available)) {
    throw new KernelError(
      'ENOSPC',
      `${memdev.name}: ${hex(available)} bytes of ${decoder.mode} are free`,
    );
  }
  if (decoder.id !== port.hdmEnd + 1) {
    throw new KernelError('EBUSY', `decoder${port.id}.${port.hdmEnd + 1} is the next to get DPA`);
  }
  decoder.dpa = { start, size: Number(size), skip: skipBelow(port, memdev, partition) };
  port.hdmEnd = decoder.id;
  decoder.dpaCleanup = port.device?.devres.add(`DPA of ${decoder.name}`, () => releaseDpa(decoder));
}

/**
 * `dpa_size`: EINVAL, ERANGE for no number, EINVAL unless a multiple of 256 MiB. What was allocated
 * is freed first, and stays freed if the new allocation fails.
 */
function storeDpaSize(decoder: EndpointDecoder, text: string): void {
  const size = kstrtoull(text);
  if (size % DPA_ALIGN !== 0n)
    throw new KernelError('EINVAL', 'dpa_size has to be a multiple of 256 MiB');
  freeDpa(decoder);
  if (size !== 0n) allocateDpa(decoder, size);
}

/**
 * init_hdm_decoder(): a decoder that firmware committed occupies what comes after the decoders
 * below it.
 */
export function reserveFirmwareDpa(decoder: EndpointDecoder, register: HdmRegister): void {
  const { port } = decoder;
  const ends = endpointDecoders(port).map(({ dpa }) =>
    dpa === undefined ? 0 : dpa.start + dpa.size,
  );
  const start = Math.max(0, ...ends) + register.dpaSkip;
  const size = register.range.size / register.interleaveWays;
  decoder.dpa = { start, size, skip: register.dpaSkip };
  decoder.state = 'auto';
  port.hdmEnd = decoder.id;
  const holder = memdevOf(decoder).partitions.find(
    (each) => start >= each.start && start < each.start + each.size,
  );
  decoder.mode = holder?.mode ?? 'none';
}

export const DPA_ATTRIBUTES: readonly Attribute<EndpointDecoder>[] = [
  { name: 'mode', mode: 0o644, show: ({ mode }) => `${mode}\n`, store: storeMode },
  {
    name: 'dpa_size',
    mode: 0o644,
    show: ({ dpa }) => `${paddedHex(dpa?.size ?? 0)}\n`,
    store: storeDpaSize,
  },
  { name: 'dpa_resource', mode: 0o444, show: ({ dpa }) => `${hex(dpa?.start ?? NO_RESOURCE)}\n` },
];

function rangeLine(start: number, size: number, name: string): string {
  const digits = (value: number): string => value.toString(16).padStart(8, '0');
  return `${digits(start)}-${digits(start + size - 1)} : ${name}\n`;
}

/**
 * The table of `dpamem` in debugfs: partitions, and indented what is taken of them
 * (`cxl_dpa_debug`).
 */
export function renderDpa(memdev: Memdev): string {
  const { endpoint } = memdev;
  let text = '';
  for (const partition of memdev.partitions) {
    text += rangeLine(partition.start, partition.size, partition.mode);
    const taken = endpoint === undefined ? [] : takenOf(endpoint, partition);
    for (const { start, size, decoder } of taken)
      text += `  ${rangeLine(start, size, decoder.name)}`;
  }
  return text;
}
