/**
 * What changed between two snapshots, and whether that is what a recording says.
 */
import { sameNode } from './normalise.ts';
import type { Snapshot } from './snapshot.ts';
import type { DeltaStep, RecordedNode } from './trace.ts';

export interface Delta {
  readonly add: ReadonlyMap<string, RecordedNode>;
  readonly change: ReadonlyMap<string, RecordedNode>;
  readonly remove: ReadonlySet<string>;
}

function unchanged(before: RecordedNode, after: RecordedNode): boolean {
  return (
    before.t === after.t &&
    before.data === after.data &&
    before.mode === after.mode &&
    before.to === after.to &&
    before.errno === after.errno &&
    before.at === after.at
  );
}

export function difference(before: Snapshot, after: Snapshot): Delta {
  const add = new Map<string, RecordedNode>();
  const change = new Map<string, RecordedNode>();
  const remove = new Set<string>();
  for (const [path, node] of after) {
    const old = before.get(path);
    if (old === undefined) add.set(path, node);
    else if (!unchanged(old, node)) change.set(path, node);
  }
  for (const path of before.keys()) if (!after.has(path)) remove.add(path);
  return { add, change, remove };
}

/** One line about a node, as differences are printed. */
export function nodeText(node: RecordedNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.t === 'link') return `link to ${node.to}`;
  if (node.t !== 'file') return `${node.t} ${node.mode ?? ''}`.trim();
  const content =
    node.errno === undefined ? JSON.stringify(node.data) : `${node.errno} at ${node.at ?? 'open'}`;
  return `file ${node.mode ?? ''} ${content}`;
}

function compareNodes(
  verb: string,
  recorded: Readonly<Record<string, RecordedNode>>,
  found: ReadonlyMap<string, RecordedNode>,
  ignored: (path: string) => boolean,
): string[] {
  const lines: string[] = [];
  for (const [path, node] of Object.entries(recorded)) {
    if (ignored(path)) continue;
    const actual = found.get(path);
    if (actual === undefined)
      lines.push(`${path}: expected ${verb}, ${nodeText(node)}; found no such change`);
    else if (!sameNode(path, node, actual))
      lines.push(`${path}: expected ${verb}, ${nodeText(node)}; found ${nodeText(actual)}`);
  }
  for (const [path, node] of found) {
    if (!Object.hasOwn(recorded, path) && !ignored(path))
      lines.push(`${path}: found ${verb}, ${nodeText(node)}; expected no such change`);
  }
  return lines;
}

/** Empty if the delta is the recorded one. `ignored` paths are left out on both sides. */
export function compareDelta(
  recorded: DeltaStep,
  found: Delta,
  ignored: (path: string) => boolean,
): string[] {
  const removed = new Set(recorded.remove);
  return [
    ...compareNodes('added', recorded.add, found.add, ignored),
    ...compareNodes('changed', recorded.change, found.change, ignored),
    ...recorded.remove
      .filter((path) => !found.remove.has(path) && !ignored(path))
      .map((path) => `${path}: expected removed; it is still there or never was`),
    ...[...found.remove]
      .filter((path) => !removed.has(path) && !ignored(path))
      .map((path) => `${path}: found removed; expected no such change`),
  ];
}
