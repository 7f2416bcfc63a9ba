/**
 * A difference of trees as text and as JSON.
 */
import { nodeText } from '../replay/delta.ts';
import type { RecordedNode } from '../replay/trace.ts';
import type { TreeDifference } from './compare.ts';
import type { TreeDump } from './tree-dump.ts';

/** What exists on one side only: the top of each subtree, with the number of nodes below. */
function oneSided(mark: '+' | '-', nodes: ReadonlyMap<string, RecordedNode>): string[] {
  const below = new Map<string, number>();
  for (const path of nodes.keys()) {
    let top = path;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (nodes.has(path.slice(0, at))) top = path.slice(0, at);
    below.set(top, (below.get(top) ?? -1) + 1);
  }
  return [...below].map(([path, count]) => {
    const more = count === 0 ? '' : `, and ${count} below it`;
    return `${mark} ${path}: ${nodeText(nodes.get(path))}${more}`;
  });
}

function uncoveredText({ uncovered }: TreeDifference, before: TreeDump, after: TreeDump): string[] {
  const line = (count: number, one: TreeDump, other: TreeDump): string[] =>
    count === 0
      ? []
      : [`not compared: ${count} nodes of ${one.name} that ${other.name} does not cover`];
  return [...line(uncovered.before, before, after), ...line(uncovered.after, after, before)];
}

/**
 * `-` only in the first, `+` only in the second, `~` in both but different; then how much was
 * compared.
 */
export function reportDifference(
  difference: TreeDifference,
  before: TreeDump,
  after: TreeDump,
): string[] {
  const { removed, added, changed, compared } = difference;
  const changes = changed.map(
    (each) => `~ ${each.path}: ${nodeText(each.before)} -> ${nodeText(each.after)}`,
  );
  const total = `${compared} nodes compared: ${removed.size} only in ${before.name}, ${added.size} only in ${after.name}, ${changed.length} different`;
  return [
    ...oneSided('-', removed),
    ...oneSided('+', added),
    ...changes,
    ...uncoveredText(difference, before, after),
    total,
  ];
}

export function differenceJson(
  difference: TreeDifference,
  before: TreeDump,
  after: TreeDump,
): string {
  return JSON.stringify({
    before: before.name,
    after: after.name,
    compared: difference.compared,
    uncovered: difference.uncovered,
    removed: Object.fromEntries(difference.removed),
    added: Object.fromEntries(difference.added),
    changed: difference.changed,
  });
}
