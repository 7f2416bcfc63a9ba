/**
 * What the registers of windows and HDM decoders can hold (`eiw_to_ways`, `eig_to_granularity`).
 */
export const INTERLEAVE_WAYS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16];
export const GRANULARITIES: readonly number[] = [256, 512, 1024, 2048, 4096, 8192, 16384];
