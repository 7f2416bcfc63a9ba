/**
 * How the span of a zone shrinks (`shrink_zone_span`, 7.2): only from an edge, to the nearest
 * online memory of the zone.
 */
import type { MemoryBlocks } from '../memory-block.ts';
import { BLOCK_STATE } from '../memory-block.ts';
import type { Zone } from './zone.ts';
import { NO_ZONE } from './zone.ts';

interface PfnRange {
  readonly start: number;
  readonly end: number;
}

/** The part of an online block that is in the zone; boot blocks may be in it in part. */
function partInZone(blocks: MemoryBlocks, id: number, zone: Zone): PfnRange | undefined {
  if (blocks.state(id) !== BLOCK_STATE.online) return undefined;
  const start = blocks.startPfn(id);
  const end = start + blocks.pagesPerBlock;
  const own = blocks.zone(id);
  if (own === zone.index && blocks.nid(id) === zone.nid) {
    const cut = start < zone.bootEndPfn && zone.bootEndPfn < end;
    return { start, end: cut ? zone.bootEndPfn : end };
  }
  if (own !== NO_ZONE || !blocks.nodes(id).includes(zone.nid)) return undefined;
  const part = { start: Math.max(start, zone.bootStartPfn), end: Math.min(end, zone.bootEndPfn) };
  return part.start < part.end ? part : undefined;
}

function firstPart(
  blocks: MemoryBlocks,
  zone: Zone,
  from: number,
  to: number,
): PfnRange | undefined {
  for (const id of blocks.idsIn(from, to - from)) {
    const part = partInZone(blocks, id, zone);
    if (part !== undefined) return part;
  }
  return undefined;
}

function lastPart(
  blocks: MemoryBlocks,
  zone: Zone,
  from: number,
  to: number,
): PfnRange | undefined {
  for (const id of blocks.idsInReverse(from, to - from)) {
    const part = partInZone(blocks, id, zone);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** The block `id`, not online any more, leaves the zone. */
export function shrinkZone(blocks: MemoryBlocks, zone: Zone, id: number): void {
  const start = blocks.startPfn(id);
  const first = Math.floor(zone.startPfn / blocks.pagesPerBlock);
  const afterLast = Math.ceil(zone.endPfn / blocks.pagesPerBlock);
  if (zone.startPfn === start) {
    const part = firstPart(blocks, zone, id + 1, afterLast);
    zone.setSpan(part?.start ?? 0, part === undefined ? 0 : zone.endPfn);
    return;
  }
  if (zone.endPfn !== start + blocks.pagesPerBlock) return;
  const part = lastPart(blocks, zone, first, id);
  zone.setSpan(part === undefined ? 0 : zone.startPfn, part?.end ?? 0);
}
