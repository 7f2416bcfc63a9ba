/**
 * The words of `auto_online_blocks` and of a memory block's `state` (`drivers/base/memory.c`, 7.2).
 */
export const ONLINE_TYPES = ['offline', 'online', 'online_kernel', 'online_movable'] as const;
/** How a memory block goes online, or that it does not. */
export type OnlineType = (typeof ONLINE_TYPES)[number];
