/**
 * A raw record: the tree as it is, without steps. JSON lines as in a recording: a header, then
 * `tree` steps.
 */
import type { RecordedNode } from '../replay/trace.ts';
import { HostTree } from './host-tree.ts';

export interface RawHeader {
  /** Version of the format. */
  readonly raw: 1;
  /** `uname -sr` of the recording host; in a box, of the host that runs it. */
  readonly kernel: string;
  /**
   * What is covered, as patterns (`roots.ts`): something that matches and is not in the tree did
   * not exist.
   */
  readonly roots: readonly string[];
  /** Who recorded: others than 0 may not read all files. */
  readonly uid: number;
}

export interface RawTree {
  readonly op: 'tree';
  readonly root: string;
  readonly nodes: Readonly<Record<string, RecordedNode>>;
}

/** The lines of a raw record of the /sys at `base`. */
export function* rawRecord(header: RawHeader, base = '/sys'): Generator<string> {
  yield JSON.stringify(header);
  const tree = new HostTree(base);
  for (const root of new Set(header.roots.flatMap((pattern) => tree.expand(pattern)))) {
    const nodes = new Map<string, RecordedNode>();
    tree.dump(nodes, root);
    yield JSON.stringify({ op: 'tree', root, nodes: Object.fromEntries(nodes) } satisfies RawTree);
  }
}
