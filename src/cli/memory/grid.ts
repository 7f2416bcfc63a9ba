/**
 * Memory blocks as a picture: a cell for each block, or for several of a large machine.
 */
import type { BlockRange } from '../common/block-ranges.ts';

/** By zone of online blocks. */
const ZONE_CELLS: Readonly<Record<string, string>> = {
  DMA: 'd',
  DMA32: 'D',
  Normal: 'N',
  Movable: 'M',
  Device: 'V',
};
const STATE_CELLS: Readonly<Record<string, string>> = { offline: '-', 'going-offline': '>' };
const NO_ZONE = '*';
const SEVERAL = '+';

/** What each cell means, for the line below the picture. */
export const KEY =
  'd DMA, D DMA32, N Normal, M Movable, * several zones, - offline, + different blocks in one cell';

const ROW_CELLS = 64;
/** A picture has no more cells than this for all nodes together. */
const MAX_CELLS = 1024;

function cellOf({ state, zone }: BlockRange): string {
  if (state !== 'online') return STATE_CELLS[state] ?? '?';
  return zone === undefined ? NO_ZONE : (ZONE_CELLS[zone] ?? '?');
}

/** Blocks that follow each other without a gap. */
interface Run {
  readonly first: number;
  readonly last: number;
  readonly ranges: readonly BlockRange[];
}

function runsOf(ranges: readonly BlockRange[]): Run[] {
  const runs: Run[] = [];
  for (const range of ranges) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === range.first - 1)
      runs[runs.length - 1] = { ...run, last: range.last, ranges: [...run.ranges, range] };
    else runs.push({ first: range.first, last: range.last, ranges: [range] });
  }
  return runs;
}

/** The cells of a run, each for `scale` blocks. */
function cells(run: Run, scale: number): string {
  const text: string[] = [];
  let at = 0;
  for (let first = run.first; first <= run.last; first += scale) {
    const last = Math.min(first + scale - 1, run.last);
    while ((run.ranges[at]?.last ?? Number.MAX_SAFE_INTEGER) < first) at += 1;
    const kinds = new Set<string>();
    for (let i = at; (run.ranges[i]?.first ?? Number.MAX_SAFE_INTEGER) <= last; i += 1) {
      const range = run.ranges[i];
      if (range !== undefined) kinds.add(cellOf(range));
    }
    text.push(kinds.size > 1 ? SEVERAL : ([...kinds][0] ?? '?'));
  }
  return text.join('');
}

export interface Grid {
  /** Blocks that a cell stands for. */
  readonly scale: number;
  readonly rows: readonly {
    readonly node: number;
    readonly first: number;
    readonly cells: string;
  }[];
}

/** Rows of at most 64 cells for each node; a gap in the block numbers starts a new row. */
export function drawGrid(blocks: readonly BlockRange[]): Grid {
  const total = blocks.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const scale = 2 ** Math.max(0, Math.ceil(Math.log2(total / MAX_CELLS)));
  const nodes = [...new Set(blocks.flatMap(({ nodes: [node = -1] }) => [node]))].sort(
    (a, b) => a - b,
  );
  const rows = nodes.flatMap((node) =>
    runsOf(blocks.filter(({ nodes: [first = -1] }) => first === node)).flatMap((run) => {
      const text = cells(run, scale);
      return Array.from({ length: Math.ceil(text.length / ROW_CELLS) }, (_, row) => ({
        node,
        first: run.first + row * ROW_CELLS * scale,
        cells: text.slice(row * ROW_CELLS, (row + 1) * ROW_CELLS),
      }));
    }),
  );
  return { scale: total === 0 ? 1 : scale, rows };
}
