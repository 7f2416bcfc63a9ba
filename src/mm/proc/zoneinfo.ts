/**
 * /proc/zoneinfo (`zoneinfo_show_print`, 7.2).
 */
import { PAGE_SIZE } from '../../units.ts';
import { SECTION_SIZE } from '../constants.ts';
import type { NodeStates, NumaNode } from '../node/numa-node.ts';
import { NODE_COUNTERS, NUMA_COUNTERS } from '../vm-counters.ts';
import { countersOfZone } from '../zone/counters.ts';
import type { Watermarks } from '../zone/watermark.ts';
import { lowmemReserve, watermarks } from '../zone/watermark.ts';
import type { Zone } from '../zone/zone.ts';

const NAME_WIDTH = 12;
const MAX_BATCH_PAGES = 64;
const MAX_STAT_THRESHOLD = 125;

function counterLine(name: string, value: number): string {
  return `\n      ${name.padEnd(NAME_WIDTH)} ${value}`;
}

/** Position of the highest set bit, from 1 (`fls`). */
function fls(value: number): number {
  return value === 0 ? 0 : 32 - Math.clz32(value);
}

/** zone_batchsize() */
function batchSize(managed: number): number {
  const batch = Math.min(managed >>> 12, MAX_BATCH_PAGES);
  return batch <= 1 ? 1 : 2 ** (fls(batch + (batch >>> 1)) - 1) - 1;
}

/** calculate_normal_threshold() */
function statThreshold(managed: number, cpus: number): number {
  const sections = Math.floor(managed / (SECTION_SIZE / PAGE_SIZE));
  return Math.min(MAX_STAT_THRESHOLD, 2 * fls(cpus) * (1 + fls(sections)));
}

function pagesets(zone: Zone, node: NumaNode, marks: Watermarks, cpus: readonly number[]): string {
  const local = node.cpus.length || cpus.length || 1;
  const batch = batchSize(zone.managed);
  const highMin = Math.max(Math.floor(marks.low / local), batch * 4);
  const highMax = Math.max(Math.floor(zone.managed / 8 / local), batch * 4);
  const threshold = statThreshold(zone.managed, cpus.length);
  const figures: readonly (readonly [string, number])[] = [
    ['count:    ', 0],
    ['high:     ', 0],
    ['batch:    ', batch],
    ['high_min: ', highMin],
    ['high_max: ', highMax],
  ];
  const body = figures.map(([name, value]) => `\n              ${name}${value}`).join('');
  return cpus.map((cpu) => `\n    cpu: ${cpu}${body}\n  vm stats threshold: ${threshold}`).join('');
}

function zoneText(zone: Zone, node: NumaNode, marks: Watermarks, cpus: readonly number[]): string {
  const figures: readonly (readonly [string, number])[] = [
    ['boost   ', 0],
    ['min     ', marks.min],
    ['low     ', marks.low],
    ['high    ', marks.high],
    ['promo   ', marks.promo],
    ['spanned ', zone.spanned],
    ['present ', zone.present],
    ['managed ', zone.managed],
    ['cma     ', 0],
  ];
  let text = `\n  pages free     ${zone.free}`;
  for (const [name, value] of figures) text += `\n        ${name} ${value}`;
  text += `\n        protection: (${lowmemReserve(node, zone.index).join(', ')})`;
  if (!zone.populated) return `${text}\n`;
  for (const [name, value] of countersOfZone(node, zone)) text += counterLine(name, value);
  for (const name of NUMA_COUNTERS) text += counterLine(name, zone.numa[name]);
  text += `\n  pagesets${pagesets(zone, node, marks, cpus)}`;
  text += `\n  node_unreclaimable:  0\n  start_pfn:           ${zone.startPfn}`;
  return `${text}\n  reserved_highatomic: 0\n  free_highatomic:     0\n`;
}

function perNodeStats(node: NumaNode): string {
  const lines = NODE_COUNTERS.map((name) => counterLine(name, node.counters[name]));
  return `\n  per-node stats${lines.join('')}`;
}

/** All zones of the online nodes, even empty ones. */
export function renderZoneinfo(nodes: NodeStates): string {
  const online = nodes.online();
  const marks = watermarks(online);
  const cpus = online.flatMap((node) => [...node.cpus]).sort((a, b) => a - b);
  let text = '';
  for (const node of online) {
    const first = node.zones.find((zone) => zone.populated);
    for (const zone of node.zones) {
      const zoneMarks = marks.get(zone) ?? { min: 0, low: 0, high: 0, promo: 0 };
      text += `Node ${node.id}, zone ${zone.name.padStart(8)}`;
      if (zone === first) text += perNodeStats(node);
      text += zoneText(zone, node, zoneMarks, cpus);
    }
  }
  return text;
}
