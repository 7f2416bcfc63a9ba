/**
 * What page structures cost (`mhp_supports_memmap_on_memory`, 7.2).
 */
import { PAGE_SIZE } from '../../units.ts';
import type { MemmapOnMemory } from '../config.ts';
import { PAGEBLOCK_PAGES, PMD_SIZE, STRUCT_PAGE_SIZE } from '../constants.ts';

/** Pages of the memmap of `pages` pages. */
export function memmapPages(pages: number): number {
  return Math.ceil((pages * STRUCT_PAGE_SIZE) / PAGE_SIZE);
}

/**
 * The pages that a block hosts for its own memmap, or undefined if the block cannot host it
 * (`mhp_supports_memmap_on_memory`).
 */
export function hostedMemmapPages(blockSize: number, mode: MemmapOnMemory): number | undefined {
  if (mode === 'N') return undefined;
  const bytes = (blockSize / PAGE_SIZE) * STRUCT_PAGE_SIZE;
  const needed = bytes / PAGE_SIZE;
  const pages = mode === 'force' ? Math.ceil(needed / PAGEBLOCK_PAGES) * PAGEBLOCK_PAGES : needed;
  const whole = bytes % PAGE_SIZE === 0 && pages % PAGEBLOCK_PAGES === 0 && bytes % PMD_SIZE === 0;
  return whole && pages < blockSize / PAGE_SIZE ? pages : undefined;
}
