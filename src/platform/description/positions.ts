/**
 * Where in the text a value of the document stands.
 */
import type { Document, LineCounter, Node, Pair } from 'yaml';
import { isAlias, isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { DocumentPath, Finding, Problem } from './error.ts';

interface Place {
  readonly node: Node | undefined;
  readonly key: Node | undefined;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}

function step(document: Document, from: Node, part: string | number): Place | undefined {
  const at = isAlias(from) ? from.resolve(document) : from;
  if (isSeq(at)) return { node: asNode(at.items[Number(part)]), key: undefined };
  if (!isMap(at)) return undefined;
  const pair = at.items.find((each) => isPair(each) && keyText(each) === String(part));
  return pair === undefined ? undefined : { node: asNode(pair.value), key: asNode(pair.key) };
}

/** The place of the deepest part of `path` that the document has: a missing key is reported at its map. */
function placeOf(document: Document, path: DocumentPath): Place {
  let place: Place = { node: asNode(document.contents), key: undefined };
  for (const part of path) {
    if (place.node === undefined) break;
    const next = step(document, place.node, part);
    if (next === undefined) break;
    place = next;
  }
  return place;
}

/** What is found in one written part of a document, in the first of its repetitions. */
interface Found {
  readonly finding: Finding;
  readonly source: DocumentPath;
  /** How many further repetitions have a finding there. */
  more: number;
}

/** One for each written place: what a repetition has a thousand times is told once. */
function withoutRepetitions(
  findings: readonly Finding[],
  sourceOf: (path: DocumentPath) => DocumentPath,
): Found[] {
  const kept: Found[] = [];
  const first = new Map<string, Found>();
  for (const finding of findings) {
    const source = sourceOf(finding.path);
    const place = pathText(source);
    const earlier = first.get(place);
    if (earlier !== undefined && pathText(earlier.finding.path) !== pathText(finding.path)) {
      earlier.more += 1;
      continue;
    }
    const found = { finding, source, more: 0 };
    kept.push(found);
    if (earlier === undefined) first.set(place, found);
  }
  return kept;
}

/**
 * Turns findings into problems with line and column, both from 1. `sourceOf` gives the place in the text of a place in
 * the document with its repetitions written out.
 */
export function locate(
  document: Document,
  lines: LineCounter,
  findings: readonly Finding[],
  sourceOf: (path: DocumentPath) => DocumentPath,
): Problem[] {
  return withoutRepetitions(findings, sourceOf).map(({ finding, source, more }) => {
    const { path, atKey, message } = finding;
    const { node, key } = placeOf(document, source);
    const offset = (atKey ? (key ?? node) : (node ?? key))?.range?.[0] ?? 0;
    const { line, col } = lines.linePos(offset);
    const where = path.length === 0 ? '' : `${pathText(path)}: `;
    const others = more === 0 ? '' : ` (and ${more} more repetitions)`;
    return { line, column: col, message: `${where}${message}${others}` };
  });
}

/** `host_bridges[0].uid` */
function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
