/**
 * /proc/buddyinfo and /proc/pagetypeinfo (`mm/vmstat.c`, 7.2).
 */
import { MAX_PAGE_ORDER, PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from '../constants.ts';
import type { NodeStates, NumaNode } from '../node/numa-node.ts';
import { MIGRATE_COUNT, MIGRATE_TYPES } from '../page-allocator/migrate-type.ts';
import { pageblocksByType } from '../page-allocator/pageblocks.ts';
import type { Zone } from '../zone/zone.ts';

/** The counts of pagetypeinfo stop here and get a `>` in front. */
const COUNT_CAP = 100000;

/** Free chunks by order, of all types: isolated ones are still counted here. */
function freeByOrder(zone: Zone): number[] {
  const counts = new Array<number>(MAX_PAGE_ORDER + 1).fill(0);
  for (let type = 0; type < MIGRATE_COUNT; type += 1) {
    zone.pages.freeChunks(type).forEach((count, order) => {
      counts[order] = (counts[order] ?? 0) + count;
    });
  }
  return counts;
}

function populatedZones(nodes: NodeStates): (readonly [NumaNode, Zone])[] {
  return nodes
    .online()
    .flatMap((node) =>
      node.zones.filter((zone) => zone.populated).map((zone) => [node, zone] as const),
    );
}

/** frag_show() */
export function renderBuddyinfo(nodes: NodeStates): string {
  return populatedZones(nodes)
    .map(([node, zone]) => {
      const counts = freeByOrder(zone).map((count) => `${String(count).padStart(6)} `);
      return `Node ${node.id}, zone ${zone.name.padStart(8)} ${counts.join('')}\n`;
    })
    .join('');
}

function capped(count: number): string {
  return count < COUNT_CAP ? `${String(count).padStart(6)} ` : `>${String(COUNT_CAP).padStart(6)} `;
}

function freeRows(node: NumaNode, zone: Zone): string {
  const heading = `Node ${String(node.id).padStart(4)}, zone ${zone.name.padStart(8)}, type `;
  return MIGRATE_TYPES.map((name, type) => {
    const row = zone.pages.freeChunks(type).map(capped);
    return `${heading}${name.padStart(12)} ${row.join('')}\n`;
  }).join('');
}

function blockRow(node: NumaNode, zone: Zone): string {
  const counts = pageblocksByType(zone.pages).map((count) => `${String(count).padStart(12)} `);
  return `Node ${node.id}, zone ${zone.name.padStart(8)} ${counts.join('')}\n`;
}

function nodeTypes(node: NumaNode): string {
  const zones = node.zones.filter((zone) => zone.populated);
  const orders = Array.from(
    { length: MAX_PAGE_ORDER + 1 },
    (_, order) => `${String(order).padStart(6)} `,
  );
  const types = MIGRATE_TYPES.map((type) => `${type.padStart(12)} `);
  return [
    `Page block order: ${PAGEBLOCK_ORDER}\nPages per block:  ${PAGEBLOCK_PAGES}\n\n`,
    `${'Free pages count per migrate type at order '.padEnd(43)}${orders.join('')}\n`,
    ...zones.map((zone) => freeRows(node, zone)),
    `\n${'Number of blocks type '.padEnd(23)}${types.join('')}\n`,
    ...zones.map((zone) => blockRow(node, zone)),
  ].join('');
}

/** pagetypeinfo_show(): nodes with memory only. */
export function renderPagetypeinfo(nodes: NodeStates): string {
  return nodes
    .ids('has_memory')
    .map((nid) => nodeTypes(nodes.node(nid)))
    .join('');
}
