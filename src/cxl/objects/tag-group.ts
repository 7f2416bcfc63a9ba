import type { RegionExtents } from '../../dax/region-extents.ts';
import type { DeviceExtent, DynamicCapacity } from './device-extents.ts';

/** Extents as the host has them: those of one tag, or one untagged extent. */
export interface TagGroup {
  readonly extents: readonly DeviceExtent[];
  /** Whose extents they are. */
  readonly capacity: DynamicCapacity;
  readonly memory: RegionExtents;
  /** Takes the group down and, if its memory is free, gives it back to the device. */
  release(): void;
  /** Its memory answers no more. Returns the dax device that is made of it, if there is one. */
  lose(): string | undefined;
}
