/** The sources of the project and what they import, read as text. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SOURCE = join(import.meta.dirname, '..', '..', 'src');

export interface Import {
  /** As it is written. */
  readonly from: string;
  /** The file below src, for one of ours. */
  readonly target: string | undefined;
  /** False if only types are imported, which are gone when the program runs. */
  readonly value: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });
}

/** Paths below src, without the tests. */
export function sourceFiles(): string[] {
  return filesBelow(SOURCE).map((path) => relative(SOURCE, path));
}

/** `import|export [type] NAMES from 'FROM'`, and `import('FROM')`. */
const STATIC = /^(?:import|export)\s+(type\s+)?([^;]*?)\s*from\s*'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'/g;
const ONLY_TYPES = /^\{(?:\s*type\s+\w+(?:\s+as\s+\w+)?\s*,?)+\s*\}$/;

export function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  const found = (from: string, value: boolean): Import => ({
    from,
    value,
    target: from.startsWith('.') ? relative(SOURCE, join(SOURCE, dirname(file), from)) : undefined,
  });
  return [
    ...[...text.matchAll(STATIC)].map(([, type, names = '', from = '']) =>
      found(from, type === undefined && !ONLY_TYPES.test(names)),
    ),
    ...[...text.matchAll(DYNAMIC)].map(([, from = '']) => found(from, true)),
  ];
}

/** The first folder of a path below src, or its file there. */
export function layerOf(file: string): string {
  const [first = ''] = file.split('/');
  return first.replace(/\.ts$/, '');
}

/** The second folder; undefined for a file that lies in its layer itself. */
export function roomOf(file: string): string | undefined {
  const parts = file.split('/');
  return parts.length > 2 ? parts[1] : undefined;
}

/** Groups of files that need one another to be loaded (Tarjan's strongly connected components). */
export function valueCircles(files: readonly string[]): string[][] {
  const edges = new Map(
    files.map((file) => [
      file,
      importsOf(file).flatMap(({ target, value }) => (value && target ? [target] : [])),
    ]),
  );
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const own = index.size;
    index.set(file, own);
    low.set(file, own);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!edges.has(next)) continue;
      const reached = index.has(next)
        ? stack.includes(next)
          ? index.get(next)
          : own
        : visit(next);
      low.set(file, Math.min(low.get(file) ?? own, reached ?? own));
    }
    const lowest = low.get(file) ?? own;
    if (lowest === own) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return lowest;
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return circles;
}
