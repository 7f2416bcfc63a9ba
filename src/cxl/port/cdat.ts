/**
 * The Coherent Device Attribute Table that a component returns over DOE, as a byte string (CDAT
 * specification 1.04).
 */
import { type PartitionConfig, performanceOf, type SwitchConfig } from '../config.ts';

const HEADER_SIZE = 16;
const REVISION = 2;

const STRUCTURE = { dsmas: 0, dslbis: 1, dsemts: 4, sslbis: 5 } as const;
const DATA_TYPE = {
  accessLatency: 0,
  readLatency: 1,
  writeLatency: 2,
  accessBandwidth: 3,
  readBandwidth: 4,
  writeBandwidth: 5,
};
const DSMAS_NON_VOLATILE = 4;
/** EFI memory types of a DSEMTS: specific purpose, and specific purpose persistent. */
const EFI_MEMORY_TYPE = { ram: 1, pmem: 2, dynamic_ram_a: 1 } as const;
/** SSLBIS port ids: the upstream port; any downstream port. */
const UPSTREAM_PORT = 0x100;

function littleEndian(value: number, bytes: number): number[] {
  const result: number[] = [];
  for (let rest = value, at = 0; at < bytes; at += 1, rest = Math.floor(rest / 256))
    result.push(rest % 256);
  return result;
}

/** An entry of 16 bits and its base unit. */
interface Scaled {
  readonly entry: number;
  readonly unit: number;
}

/** The first unit that divides the value; a coarse one keeps large figures in range. */
function scaled(value: number, units: readonly number[]): Scaled {
  const unit = units.find((each) => value % each === 0) ?? 1;
  return { entry: value / unit, unit };
}

/** Units are picoseconds. */
function latency(ns: number): Scaled {
  return scaled(ns * 1000, [10_000, 1000]);
}

/** Units are MB/s. */
function bandwidth(megabytes: number): Scaled {
  return scaled(megabytes, [1000, 1024, 1]);
}

function structure(type: number, body: readonly number[]): number[] {
  return [type, 0, ...littleEndian(body.length + 4, 2), ...body];
}

function dslbis(handle: number, dataType: number, { entry, unit }: Scaled): number[] {
  const body = [
    handle,
    0,
    dataType,
    0,
    ...littleEndian(unit, 8),
    ...littleEndian(entry, 2),
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return structure(STRUCTURE.dslbis, body);
}

function partitionStructures(partition: PartitionConfig, handle: number, start: number): number[] {
  const { performance } = partition;
  if (performance === undefined) return [];
  const flags = partition.mode === 'pmem' ? DSMAS_NON_VOLATILE : 0;
  return [
    ...structure(STRUCTURE.dsmas, [
      handle,
      flags,
      0,
      0,
      ...littleEndian(start, 8),
      ...littleEndian(partition.size, 8),
    ]),
    ...dslbis(handle, DATA_TYPE.readLatency, latency(performance.readLatency)),
    ...dslbis(handle, DATA_TYPE.writeLatency, latency(performance.writeLatency)),
    ...dslbis(handle, DATA_TYPE.readBandwidth, bandwidth(performance.readBandwidth)),
    ...dslbis(handle, DATA_TYPE.writeBandwidth, bandwidth(performance.writeBandwidth)),
    ...structure(STRUCTURE.dsemts, [
      handle,
      EFI_MEMORY_TYPE[partition.mode],
      0,
      0,
      ...littleEndian(0, 8),
      ...littleEndian(partition.size, 8),
    ]),
  ];
}

/** The checksum makes the sum of all bytes zero. */
function table(body: readonly number[]): string | undefined {
  if (body.length === 0) return undefined;
  const header = [
    ...littleEndian(HEADER_SIZE + body.length, 4),
    REVISION,
    0,
    ...littleEndian(0, 10),
  ];
  const bytes = [...header, ...body];
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes[5] = (256 - (sum % 256)) % 256;
  return String.fromCharCode(...bytes);
}

/** Of a memory device: undefined if it tells no figures. */
export function deviceCdat(partitions: readonly PartitionConfig[]): string | undefined {
  let start = 0;
  const body: number[] = [];
  for (const [handle, partition] of partitions.entries()) {
    body.push(...partitionStructures(partition, handle, start));
    start += partition.size;
  }
  return table(body);
}

/** Of a switch: latency and bandwidth between the upstream and each downstream port. */
export function switchCdat(config: SwitchConfig): string | undefined {
  const performance = performanceOf(config);
  const { downstream } = config;
  if (performance === undefined) return undefined;
  const entries = (dataType: number, { entry, unit }: Scaled): number[] =>
    structure(STRUCTURE.sslbis, [
      dataType,
      0,
      0,
      0,
      ...littleEndian(unit, 8),
      ...downstream.flatMap(({ portNumber }) => [
        ...littleEndian(UPSTREAM_PORT, 2),
        ...littleEndian(portNumber, 2),
        ...littleEndian(entry, 2),
        0,
        0,
      ]),
    ]);
  return table([
    ...entries(DATA_TYPE.accessLatency, latency(performance.latency)),
    ...entries(DATA_TYPE.accessBandwidth, bandwidth(performance.bandwidth)),
  ]);
}
