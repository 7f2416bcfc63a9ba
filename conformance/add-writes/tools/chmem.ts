/**
 * `chmem`: by size from one end of memory, or by block numbers.
 */

import { failed } from '../../../src/replay/tree-files.ts';
import {
  parseOptions,
  parseToolSize,
  readLine,
  type Tool,
  type ToolContext,
  type ToolOutcome,
} from './tool.ts';

const MEMORY = '/sys/devices/system/memory';
const PARTIAL = 64;

interface Order {
  readonly enable: boolean;
  readonly zone: string | undefined;
}

function blockIds(context: ToolContext): number[] {
  return context.files
    .list(MEMORY)
    .filter((name) => /^memory\d+$/.test(name))
    .map((name) => Number(name.slice('memory'.length)))
    .sort((left, right) => left - right);
}

/** Movable if the block may go there, unless a zone is asked for. */
function onlineWord(validZones: string, zone: string | undefined): string {
  if (zone === undefined) return validZones.includes('Movable') ? 'online_movable' : 'online';
  return zone === 'Movable' ? 'online_movable' : 'online_kernel';
}

type Outcome = 'done' | 'already' | 'refused';

function switchBlock(context: ToolContext, id: number, { enable, zone }: Order): Outcome {
  const path = `${MEMORY}/memory${id}`;
  const online = readLine(context, `${path}/state`) === 'online';
  if (online === enable) return 'already';
  const zones = readLine(context, `${path}/valid_zones`);
  if (enable && zone !== undefined && !zones.includes(zone)) return 'refused';
  const outcome = context.write(`${path}/state`, enable ? onlineWord(zones, zone) : 'offline');
  return failed(outcome) ? 'refused' : 'done';
}

function bySize(context: ToolContext, size: number, order: Order): ToolOutcome {
  const blockSize = Number.parseInt(readLine(context, `${MEMORY}/block_size_bytes`), 16);
  if (Number.isNaN(size) || size % blockSize !== 0) return { status: 1 };
  const ids = order.enable ? blockIds(context) : blockIds(context).reverse();
  const wanted = size / blockSize;
  let done = 0;
  for (const id of ids) {
    if (done === wanted) break;
    if (switchBlock(context, id, order) === 'done') done += 1;
  }
  if (done === wanted) return { status: 0 };
  return { status: done === 0 ? 1 : PARTIAL };
}

function byBlocks(context: ToolContext, range: string, order: Order): ToolOutcome {
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  const ids = blockIds(context).filter((id) => id >= first && id <= last);
  const outcomes = ids.map((id) => switchBlock(context, id, order));
  const good = outcomes.filter((outcome) => outcome !== 'refused').length;
  if (good === last - first + 1) return { status: 0 };
  return { status: good === 0 ? 1 : PARTIAL };
}

export const chmem: Tool = (context, words) => {
  const { options, names } = parseOptions(words, ['-b', '-z']);
  const order = { enable: options.has('-e'), zone: options.get('-z') };
  const range = options.get('-b') === '' ? names[0] : options.get('-b');
  return range === undefined
    ? bySize(context, parseToolSize(names[0] ?? ''), order)
    : byBlocks(context, range, order);
};
