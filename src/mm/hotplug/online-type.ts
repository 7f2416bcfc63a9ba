/**
 * The words of `auto_online_blocks` and of a memory block's `state` (`drivers/base/memory.c`, 7.2).
 */
export const ONLINE_TYPES = ['offline', 'online', 'online_kernel', 'online_movable'] as const;
export type OnlineType = (typeof ONLINE_TYPES)[number];
