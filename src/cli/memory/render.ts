/**
 * A memory view as text for a terminal.
 */
import { roundedSize } from '../../units.ts';

import { drawGrid, KEY } from './grid.ts';
import type { Blocker, MemoryView, NodeView } from './types.ts';

/** Columns as wide as their widest entry. */
function table(rows: readonly (readonly string[])[], rightAligned: ReadonlySet<number>): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return rightAligned.has(column) ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

const SIZES = new Set([4, 5, 6, 7]);
const NODE_HEAD = ['node', 'tier', 'CPUs', 'zone', 'present', 'managed', 'free', 'blocks'];

/** A line for each zone; what is the node's own stands in its first. */
function nodeRows(node: NodeView): string[][] {
  const blocks =
    node.offline === 0 ? `${node.online}` : `${node.online} of ${node.online + node.offline}`;
  const own = [`node${node.id}`, `${node.tier ?? '-'}`, node.cpus === '' ? '-' : node.cpus];
  if (node.zones.length === 0) return [[...own, '-', '-', '-', '-', blocks]];
  return node.zones.map(({ name, present, managed, free }, index) => [
    ...(index === 0 ? own : ['', '', '']),
    name,
    roundedSize(present),
    roundedSize(managed),
    roundedSize(free),
    index === 0 ? blocks : '',
  ]);
}

function grid({ blocks, blockSize }: MemoryView): string[] {
  const { scale, rows } = drawGrid(blocks);
  const each = scale === 1 ? 'one cell per block' : `one cell per ${scale} blocks`;
  const text = rows.map(({ node, first, cells }) => [`node${node}`, `memory${first}`, cells]);
  return [
    `blocks of ${roundedSize(blockSize)}, ${each}`,
    ...indent(table(text, new Set())),
    `  ${KEY}`,
  ];
}

function memmap({ memmap: { policy, boot, hotplugged, inOwnBlocks } }: MemoryView): string[] {
  return [
    `page structures (memmap_on_memory ${policy ?? 'unknown'})`,
    ...indent(
      table(
        [
          ['of boot memory', roundedSize(boot), ''],
          ['of added memory', roundedSize(hotplugged), ''],
          ['  in the blocks themselves', roundedSize(inOwnBlocks), 'online blocks only'],
          ['  elsewhere', roundedSize(hotplugged - inOwnBlocks), ''],
        ],
        new Set([1]),
      ),
    ),
  ];
}

const VERDICTS: Readonly<Record<Blocker['verdict'], string>> = {
  refused: 'was refused',
  never: 'cannot go',
  likely: 'may not go',
  first: 'not yet',
};

/** Of each verdict so many are printed; a large machine has hundreds alike. */
const MAX_ALIKE = 10;

function blockers({ blockers: found }: MemoryView): string[] {
  const kinds = [...new Set(found.map(({ verdict }) => verdict))];
  const rows = kinds.flatMap((kind) => {
    const alike = found.filter(({ verdict }) => verdict === kind);
    const rest = alike.length - MAX_ALIKE;
    return [
      ...alike.slice(0, MAX_ALIKE).map(({ what, verdict, why }) => [what, VERDICTS[verdict], why]),
      ...(rest > 0 ? [[`${rest} more`, VERDICTS[kind], 'as those above; --json lists all']] : []),
    ];
  });
  const lines = rows.length === 0 ? ['nothing'] : table(rows, new Set());
  return ['what keeps memory from going offline', ...indent(lines)];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

export function renderMemory(view: MemoryView): string {
  const nodes = table([NODE_HEAD, ...view.nodes.flatMap(nodeRows)], SIZES);
  return `${['nodes', ...indent(nodes), ...grid(view), ...memmap(view), ...blockers(view)].join('\n')}\n`;
}
