/**
 * What changed between two snapshots, and whether that is what a recording says.
 */
import { sameNode } from './normalise.ts';
import type { Snapshot } from './snapshot.ts';
import type { DeltaStep, RecordedNode } from './trace.ts';

export interface Delta {
  /** All that is there now. */
  readonly after: Snapshot;
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
  return { after, add, change, remove };
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

/**
 * A dax device gets its mapping directories only after its driver has probed: a reference may have
 * missed them.
 */
const APPEARS_LATE = /\/dax\d+\.\d+\/mapping\d+(?:\/|$)/;

/** True for what the recorder saw come although it belongs to an earlier step. */
function cameBefore(path: string, recorded: RecordedNode, found: Delta): boolean {
  const now = found.after.get(path);
  return APPEARS_LATE.test(path) && now !== undefined && sameNode(path, recorded, now);
}

function compareNodes(
  verb: 'added' | 'changed',
  recorded: Readonly<Record<string, RecordedNode>>,
  delta: Delta,
  ignored: (path: string) => boolean,
): string[] {
  const lines: string[] = [];
  const found = verb === 'added' ? delta.add : delta.change;
  for (const [path, node] of Object.entries(recorded)) {
    if (ignored(path) || (verb === 'added' && !found.has(path) && cameBefore(path, node, delta)))
      continue;
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
    ...compareNodes('added', recorded.add, found, ignored),
    ...compareNodes('changed', recorded.change, found, ignored),
    ...recorded.remove
      .filter((path) => !found.remove.has(path) && !ignored(path))
      .map((path) => `${path}: expected removed; it is still there or never was`),
    ...[...found.remove]
      .filter((path) => !removed.has(path) && !ignored(path))
      .map((path) => `${path}: found removed; expected no such change`),
  ];
}
