/**
 * Address arithmetic of CXL interleaving: host physical (HPA) to device physical addresses (DPA)
 * and back, and the way through the decoders (CXL 3.1, 8.2.4.20.13 "Decoder Protection",
 * implementation note; 9.18.1.4 for XOR).
 *
 * The bit fields of the specification come down to one rule for all ways, powers of two and
 * multiples of three alike: granules go round-robin over the positions, and each device packs its
 * own granules without gaps.
 *
 * Offsets count from the start of the decoder or region that decodes. Addresses are below 2^52.
 */

export interface Interleave {
  readonly ways: number;
  /** Bytes. */
  readonly granularity: number;
}

/** A place in the media of the device at one position of the interleave. */
export interface DeviceOffset {
  readonly position: number;
  /** Bytes from the start of what the device's decoder occupies. */
  readonly dpaOffset: number;
}

export function toDeviceOffset({ ways, granularity }: Interleave, offset: number): DeviceOffset {
  const within = offset % granularity;
  const granule = (offset - within) / granularity;
  const position = granule % ways;
  return { position, dpaOffset: ((granule - position) / ways) * granularity + within };
}

/** The inverse of toDeviceOffset. */
export function toRegionOffset({ ways, granularity }: Interleave, place: DeviceOffset): number {
  const within = place.dpaOffset % granularity;
  const granule = (place.dpaOffset - within) / granularity;
  return (granule * ways + place.position) * granularity + within;
}

/** 1 if the number of one bits is odd. */
function parity(value: bigint): bigint {
  let ones = 0n;
  for (let rest = value; rest > 0n; rest >>= 1n) ones ^= rest & 1n;
  return ones;
}

/**
 * XOR arithmetic of a window (CXIMS): each map sets its lowest bit of the address to the parity of
 * all address bits of the map (`cxl_do_xormap_calc`). Turns a host physical address into the one
 * that modulo arithmetic takes. Maps of zero do nothing.
 */
export function applyXorMaps(maps: readonly bigint[], address: number): number {
  let at = BigInt(address);
  for (const map of maps) {
    if (map === 0n) continue;
    const bit = map & -map;
    at = (at & ~bit) | (parity(at & map) * bit);
  }
  return Number(at);
}

/**
 * The inverse of applyXorMaps: the maps in reverse order, since a later map may have looked at a
 * bit that an earlier one set. Each single map is its own inverse: the parity of the other bits is
 * added to the lowest one twice.
 */
export function revertXorMaps(maps: readonly bigint[], address: number): number {
  return applyXorMaps([...maps].reverse(), address);
}

/** A region: its range, its interleave, and where in each device its part begins. */
export interface RegionMap extends Interleave {
  /** First host physical address. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** By position. */
  readonly targets: readonly RegionTarget[];
  /** XOR maps of the window; empty with modulo arithmetic. */
  readonly xorMaps: readonly bigint[];
}

export interface RegionTarget {
  /** The memory device, by whatever name the caller uses. */
  readonly device: string;
  /** DPA at which the region's part begins. */
  readonly dpa: number;
}

export interface DevicePlace {
  readonly position: number;
  readonly device: string;
  /** Absolute device physical address. */
  readonly dpa: number;
}

/**
 * The place of a host physical address; undefined outside the region, or where its device is not
 * attached.
 */
export function hpaToDpa(region: RegionMap, hpa: number): DevicePlace | undefined {
  if (hpa < region.start || hpa >= region.start + region.size) return undefined;
  const decoded = region.xorMaps.length === 0 ? hpa : applyXorMaps(region.xorMaps, hpa);
  const { position, dpaOffset } = toDeviceOffset(region, decoded - region.start);
  const target = region.targets[position];
  return target === undefined
    ? undefined
    : { position, device: target.device, dpa: target.dpa + dpaOffset };
}

/** Bytes that the region occupies in each of its devices. */
export function sizePerDevice(region: RegionMap): number {
  return region.size / region.ways;
}

/** The host physical address of a place in a device; undefined where the region does not use it. */
export function dpaToHpa(region: RegionMap, device: string, dpa: number): number | undefined {
  const position = region.targets.findIndex(
    (target) =>
      target.device === device && dpa >= target.dpa && dpa < target.dpa + sizePerDevice(region),
  );
  const target = region.targets[position];
  if (target === undefined) return undefined;
  const decoded = region.start + toRegionOffset(region, { position, dpaOffset: dpa - target.dpa });
  return region.xorMaps.length === 0 ? decoded : revertXorMaps(region.xorMaps, decoded);
}
