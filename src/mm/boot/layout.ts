/**
 * Which pages of a zone are free after boot (`memblock_free_all`, 7.2). What the page allocator
 * never gets lies as on a real machine: the memmap of the zone at its top, the rest (the kernel's
 * image, firmware tables) at its bottom.
 */
import { PAGE_SIZE } from '../../units.ts';
import type { MemoryRange } from '../config.ts';
import { memmapPages } from '../hotplug/memmap-size.ts';
import type { PageSpan, ZonePages } from '../page-allocator/zone-pages.ts';
import type { Zone } from '../zone/zone.ts';

interface Part {
  /** Page frame numbers. */
  readonly start: number;
  readonly end: number;
  readonly reserved: boolean;
}

/** The whole pages of the ranges that are in the zone's span. */
function pagesInZone(zone: Zone, ram: readonly MemoryRange[]): { start: number; end: number }[] {
  const parts = ram.map((range) => ({
    start: Math.max(Math.ceil(range.start / PAGE_SIZE), zone.startPfn),
    end: Math.min(Math.floor((range.start + range.size) / PAGE_SIZE), zone.endPfn),
  }));
  return parts.filter((part) => part.start < part.end);
}

/** Cuts `count` pages off the front of the list. */
function cut(parts: readonly Part[], count: number): Part[] {
  let left = count;
  return parts.flatMap((part) => {
    const reserved = Math.min(left, part.end - part.start);
    left -= reserved;
    const middle = part.start + reserved;
    return [
      { ...part, end: middle, reserved: true },
      { ...part, start: middle },
    ].filter(({ start, end }) => start < end);
  });
}

/** cut() from the back. */
function cutBack(parts: readonly Part[], count: number): Part[] {
  const mirror = (each: readonly Part[]): Part[] =>
    each.map(({ start, end, reserved }) => ({ start: -end, end: -start, reserved })).reverse();
  return mirror(cut(mirror(parts), count));
}

function reserve(zone: Zone, parts: readonly Part[]): Part[] {
  const total = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const reserved = Math.max(0, total - zone.managed);
  const top = Math.min(reserved, memmapPages(total));
  const bottom = cut(parts, reserved - top);
  const taken = bottom.filter((part) => part.reserved);
  return [
    ...taken,
    ...cutBack(
      bottom.filter((part) => !part.reserved),
      top,
    ),
  ];
}

/** The spans of one block, relative to its start. */
function spansIn(
  parts: readonly Part[],
  first: number,
  pages: number,
  reserved: boolean,
): PageSpan[] {
  return parts
    .filter((part) => part.reserved === reserved)
    .map(({ start, end }) => ({
      from: Math.max(0, start - first),
      to: Math.min(pages, end - first),
    }))
    .filter(({ from, to }) => from < to);
}

function isWhole(spans: readonly PageSpan[], pages: number): boolean {
  return spans.length === 1 && spans[0]?.from === 0 && spans[0].to === pages;
}

function addBootBlock(pages: ZonePages, id: number, parts: readonly Part[]): void {
  const { pagesPerBlock } = pages;
  const free = spansIn(parts, id * pagesPerBlock, pagesPerBlock, false);
  const reserved = spansIn(parts, id * pagesPerBlock, pagesPerBlock, true);
  if (isWhole(free, pagesPerBlock)) pages.addBlock(id);
  else if (isWhole(reserved, pagesPerBlock)) pages.addReservedBlock(id);
  else if (free.length + reserved.length > 0) pages.addPartialBlock(id, free, reserved);
}

/** Makes the pages of a zone that has its figures of boot. */
export function layOutBootZone(zone: Zone, ram: readonly MemoryRange[]): void {
  const { pages } = zone;
  const found = pagesInZone(zone, ram);
  const whole = found.reduce((sum, { start, end }) => sum + end - start, 0) >= zone.managed;
  // Figures that do not fit the ranges count for more: then the whole span is memory.
  const present = whole ? found : [{ start: zone.startPfn, end: zone.endPfn }];
  const parts = reserve(
    zone,
    present.map((part) => ({ ...part, reserved: false })),
  );
  const ids = new Set<number>();
  for (const { start, end } of parts) {
    const last = Math.floor((end - 1) / pages.pagesPerBlock);
    for (let id = Math.floor(start / pages.pagesPerBlock); id <= last; id += 1) ids.add(id);
  }
  // The lowest block last: its free chunks come first on their lists.
  for (const id of [...ids].sort((a, b) => b - a)) addBootBlock(pages, id, parts);
}
