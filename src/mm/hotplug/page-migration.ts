/**
 * Where the used pages of an offlined block go (`do_migrate_range`, `alloc_migration_target`, 7.2).
 */

import { usersOfBlock, vacate } from '../page-allocator/isolation.ts';
import type { PageOwner } from '../page-allocator/page-owner.ts';
import { accountPages } from '../zone/page-accounting.ts';
import { pagesOf, takeWhatFits } from '../zone/page-request.ts';
import type { Zone } from '../zone/zone.ts';
import { ZONE } from '../zone/zone.ts';
import type { HotplugContext } from './context.ts';

/** Pages that did not leave the block. */
export interface Stuck {
  readonly owner: PageOwner;
  readonly pages: number;
  readonly why: string;
}

const CANNOT_MOVE = {
  pinned: 'are pinned for long, and a pinned page never migrates',
  gigantic: 'are huge pages of 1 GiB, and no other one is free',
  unmovable: 'cannot move',
} as const;

/** Any node with memory but the source; the source only if it is alone. */
function targetNodes({ nodes, zonelists }: HotplugContext, source: Zone): readonly number[] {
  const order = zonelists.order(source.nid);
  const others = order.filter((nid) => nid !== source.nid && nodes.hasMemory(nid));
  return others.length > 0 ? others : order;
}

function move(
  context: HotplugContext,
  id: number,
  source: Zone,
  owner: PageOwner,
  pages: number,
): number {
  const { nodes } = context;
  const moved = pagesOf(
    takeWhatFits(nodes, {
      owner,
      pages,
      nodes: targetNodes(context, source),
      // Pages of a kernel zone stay in kernel zones.
      highestZone: source.kernel ? ZONE.Normal : ZONE.Movable,
    }),
  );
  if (moved === 0) return 0;
  vacate(source.pages, id, owner, moved);
  accountPages(nodes, source, owner.kind, -moved);
  return moved;
}

/**
 * Moves what the isolated block holds to other nodes. What found room has moved for good, even if
 * something else is stuck, as in Linux. With `everything`, unmovable pages move as well.
 */
export function migrateAway(
  context: HotplugContext,
  id: number,
  source: Zone,
  everything: boolean,
): Stuck[] {
  const stuck: Stuck[] = [];
  for (const [owner, pages] of usersOfBlock(source.pages, id)) {
    const { mobility } = owner.kind;
    if (mobility === 'left') continue;
    if (mobility !== 'movable' && !everything) {
      stuck.push({ owner, pages, why: CANNOT_MOVE[mobility] });
      continue;
    }
    const left = pages - move(context, id, source, owner, pages);
    if (left > 0) stuck.push({ owner, pages: left, why: 'have no room on another node' });
  }
  return stuck;
}
