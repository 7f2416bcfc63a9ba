/**
 * Zones by their index in a node (`enum zone_type`, 7.2).
 */
import type { ZoneName } from './config.ts';
import { ZONE_NAMES } from './config.ts';

/** Index of a zone in its node; -1 means "in no (single) zone". */
export const ZONE = { DMA: 0, DMA32: 1, Normal: 2, Movable: 3, Device: 4 } as const;
export const NO_ZONE = -1;
export const ZONE_COUNT = ZONE_NAMES.length;

export function zoneName(index: number): ZoneName {
  const name = ZONE_NAMES[index];
  if (name === undefined) throw new RangeError(`no zone ${index}`);
  return name;
}
