/** A range of host physical addresses; size 0 for none. */
export interface HpaRange {
  start: number;
  size: number;
}
