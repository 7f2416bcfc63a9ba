/**
 * How two trees differ, in what both cover.
 */
import { excluded, sameNode } from '../replay/normalise.ts';
import type { RecordedNode } from '../replay/trace.ts';
import { covers } from './roots.ts';
import type { TreeDump } from './tree-dump.ts';

export interface Change {
  readonly path: string;
  readonly before: RecordedNode;
  readonly after: RecordedNode;
}

export interface TreeDifference {
  /** Nodes compared. */
  readonly compared: number;
  readonly added: ReadonlyMap<string, RecordedNode>;
  readonly removed: ReadonlyMap<string, RecordedNode>;
  readonly changed: readonly Change[];
  /** How many nodes of each side lie outside what the other covers. */
  readonly uncovered: { readonly before: number; readonly after: number };
}

/** A mark for what no recording fixes may stand on either side. */
function same(path: string, one: RecordedNode, other: RecordedNode): boolean {
  return sameNode(path, one, other) || sameNode(path, other, one);
}

/** `before` against `after`; `within` limits the comparison to these patterns. */
export function compareTrees(
  before: TreeDump,
  after: TreeDump,
  within: readonly string[] = ['/sys'],
): TreeDifference {
  const inScope = (path: string): boolean => covers(within, path) && !excluded(path);
  const removed = new Map<string, RecordedNode>();
  const added = new Map<string, RecordedNode>();
  const changed: Change[] = [];
  const uncovered = { before: 0, after: 0 };
  let compared = 0;
  for (const [path, node] of before.nodes) {
    if (!inScope(path)) continue;
    const other = after.nodes.get(path);
    if (other === undefined && !covers(after.roots, path)) {
      uncovered.before += 1;
      continue;
    }
    compared += 1;
    if (other === undefined) removed.set(path, node);
    else if (!same(path, node, other)) changed.push({ path, before: node, after: other });
  }
  for (const [path, node] of after.nodes) {
    if (!inScope(path) || before.nodes.has(path)) continue;
    if (covers(before.roots, path)) added.set(path, node);
    else uncovered.after += 1;
  }
  return { compared: compared + added.size, added, removed, changed, uncovered };
}

export function differs({ added, removed, changed }: TreeDifference): boolean {
  return added.size + removed.size + changed.length > 0;
}
