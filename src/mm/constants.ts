/**
 * Sizes of x86-64 memory management with 4 KiB pages and 64-byte page structures, Linux 7.2.
 */
import { PAGE_SIZE } from '../units.ts';

export const KIB_PER_PAGE = PAGE_SIZE / 1024;
export const SECTION_SIZE = 128 * 1024 * 1024;
/** 2 MiB: the unit of ZONE_DEVICE memory and of a direct map entry. */
export const SUBSECTION_SIZE = 2 * 1024 * 1024;
/** Pageblock order 9. */
export const PAGEBLOCK_ORDER = 9;
export const PAGEBLOCK_PAGES = 1 << PAGEBLOCK_ORDER;
export const MAX_PAGE_ORDER = 10;
export const STRUCT_PAGE_SIZE = 64;
/** PMD_SIZE: what a memmap must fill whole to be hosted by its own memory. */
export const PMD_SIZE = 2 * 1024 * 1024;
export const PUD_SIZE = 1024 * 1024 * 1024;
/** First addresses above ZONE_DMA and ZONE_DMA32. */
export const DMA_LIMIT = 16 * 1024 * 1024;
export const DMA32_LIMIT = 4 * 1024 * 1024 * 1024;
export const DEFAULT_PHYSICAL_ADDRESS_BITS = 46;

/** PFN_DOWN() */
export function pfnOf(address: number): number {
  return Math.floor(address / PAGE_SIZE);
}
