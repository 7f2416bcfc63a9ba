/**
 * The check of a `tree` step: everything below a root, and nothing else.
 */
import { nodeText } from './delta.ts';
import { excluded, sameNode } from './normalise.ts';
import { describeNode, dumpTree, type Snapshot } from './snapshot.ts';
import type { TreeStep } from './trace.ts';
import { partialPattern } from './trace-shape.ts';
import type { TreeFiles } from './tree-files.ts';

/**
 * What the recorder's find printed: a link at the root is entered only if a slash was put behind
 * it.
 */
function dump(files: TreeFiles, root: string, partial: boolean): Snapshot {
  const snapshot: Snapshot = new Map();
  const node = files.lookup(root, false);
  if (node === undefined) return snapshot;
  if (node.kind !== 'link') {
    dumpTree(snapshot, node, root);
    return snapshot;
  }
  const target = partial ? files.lookup(root) : undefined;
  if (target === undefined) snapshot.set(root, describeNode(node));
  else dumpTree(snapshot, target, `${root}/`);
  return snapshot;
}

/** Empty if the tree is as recorded. */
export function checkTree(step: TreeStep, files: TreeFiles): string[] {
  const found = dump(files, step.root, step.partial !== undefined);
  const selected = step.partial === undefined ? undefined : partialPattern(step.partial);
  const lines: string[] = [];
  for (const [path, node] of Object.entries(step.nodes)) {
    if (excluded(path)) continue;
    const actual = found.get(path);
    if (
      node.t === 'absent'
        ? actual === undefined
        : actual !== undefined && sameNode(path, node, actual)
    )
      continue;
    lines.push(`${path}: expected ${nodeText(node)}, found ${nodeText(actual)}`);
  }
  for (const [path, node] of found) {
    if (Object.hasOwn(step.nodes, path) || selected?.test(path) === false) continue;
    lines.push(`${path}: found ${nodeText(node)}, expected nothing`);
  }
  return lines;
}
