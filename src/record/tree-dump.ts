/**
 * What `cxlbox diff` compares: a tree, from wherever it comes, and what of /sys it covers.
 */
import { statSync } from 'node:fs';
import type { Snapshot } from '../replay/snapshot.ts';
import type { RecordedNode } from '../replay/trace.ts';
import { mistakeIn, ROOTS_SHAPE, STEP_SHAPES } from '../replay/trace-shape.ts';
import { readText, UnreadableFileError } from '../user-files/read-text.ts';
import { HostTree } from './host-tree.ts';
import { WATCHED_ROOTS } from './roots.ts';

export interface TreeDump {
  readonly name: string;
  /** Patterns: within them, what is not in `nodes` does not exist. */
  readonly roots: readonly string[];
  readonly nodes: Snapshot;
}

/** Nothing to compare in what the user named. */
export class NoTreeError extends UnreadableFileError {
  constructor(name: string, reason: string) {
    super(name, reason);
    this.name = 'NoTreeError';
  }
}

interface TreeLine {
  readonly line: number;
  readonly root: string;
  readonly nodes: Readonly<Record<string, RecordedNode>>;
}

/** What is looked at in a line of either format. */
interface Line {
  readonly raw?: unknown;
  readonly roots?: unknown;
  readonly op?: unknown;
  readonly partial?: unknown;
}

function parseObject(name: string, line: number, text: string): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new NoTreeError(
    name,
    `line ${line} is not a JSON object: neither a recording nor a raw record`,
  );
}

/** Whole trees only: a `partial` one says nothing of what it leaves out. */
function treeLines(name: string, lines: readonly string[]): TreeLine[] {
  return lines.flatMap((text, index) => {
    if (index === 0 || !/"op": ?"tree"/.test(text)) return [];
    const step = parseObject(name, index + 1, text);
    if (step.op !== 'tree' || step.partial !== undefined) return [];
    const mistake = mistakeIn(step, STEP_SHAPES.tree);
    if (mistake !== undefined) throw new NoTreeError(name, `line ${index + 1}: ${mistake}`);
    return [{ ...(step as unknown as Omit<TreeLine, 'line'>), line: index + 1 }];
  });
}

/** The trees of a recording at its start: the first of each root. `line` picks one. */
function chosen(
  name: string,
  trees: readonly TreeLine[],
  line: number | undefined,
): readonly TreeLine[] {
  if (line === undefined) {
    const first = new Map<string, TreeLine>();
    for (const tree of trees) if (!first.has(tree.root)) first.set(tree.root, tree);
    if (first.size === 0) throw new NoTreeError(name, 'holds no whole tree');
    return [...first.values()];
  }
  const found = trees.filter((tree) => tree.line === line);
  if (found.length > 0) return found;
  const lines = trees.map((tree) => tree.line).join(', ');
  throw new NoTreeError(
    name,
    `line ${line} does not hold a whole tree; the lines that do are ${lines || 'none'}`,
  );
}

/** Reads a recording or a raw record. Throws NoTreeError. */
export function parseDump(text: string, name: string, line?: number): TreeDump {
  const lines = text.split('\n');
  const header = parseObject(name, 1, lines[0] ?? '');
  const mistake = header.raw === undefined ? undefined : mistakeIn(header, ROOTS_SHAPE);
  if (mistake !== undefined) throw new NoTreeError(name, `line 1: ${mistake}`);
  const trees = chosen(name, treeLines(name, lines), line);
  const nodes: Snapshot = new Map();
  for (const tree of trees)
    for (const [path, node] of Object.entries(tree.nodes))
      if (node.t !== 'absent') nodes.set(path, node);
  const whole = header.raw !== undefined && header.roots !== undefined && line === undefined;
  const roots = whole ? (header.roots as string[]) : trees.map((tree) => tree.root);
  return { name, roots, nodes };
}

function readHost(name: string, roots: readonly string[]): TreeDump {
  const tree = new HostTree(name);
  const nodes: Snapshot = new Map();
  for (const path of new Set(roots.flatMap((root) => tree.expand(root)))) tree.dump(nodes, path);
  if (nodes.size === 0)
    throw new NoTreeError(name, 'nothing of CXL, DAX or memory below this folder');
  return { name, roots, nodes };
}

/**
 * The tree that `name` stands for: a recording or raw record (`-`: standard input), `FILE:LINE` for
 * one tree of it, or a folder that is a /sys or a copy of one. Throws NoTreeError.
 */
export function readDump(name: string, roots: readonly string[] = WATCHED_ROOTS): TreeDump {
  if (name !== '-' && statSync(name, { throwIfNoEntry: false })?.isDirectory())
    return readHost(name, roots);
  const numbered = /^(.+):(\d+)$/.exec(name);
  const [file, line] =
    numbered === null ? [name, undefined] : [numbered[1] ?? '', Number(numbered[2])];
  try {
    return parseDump(readText(file), name, line);
  } catch (error) {
    if (error instanceof UnreadableFileError) throw new NoTreeError(name, error.reason);
    throw error;
  }
}
