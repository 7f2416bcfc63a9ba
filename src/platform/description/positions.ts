/**
 * From what is wrong in a document to the lines that say so.
 */
import type { LineCounter } from 'yaml';
import { type DocumentPath, type Finding, type Problem, shortened } from './error.ts';

/**
 * A file with more problems has one mistake everywhere: the first findings are enough to see it.
 */
const MAX_FINDINGS = 10_000;

/** What is found in one written part of a document, in the first of its repetitions. */
interface Found {
  readonly finding: Finding;
  readonly source: DocumentPath;
  /** How many further repetitions have a finding there. */
  more: number;
}

/**
 * One for each written place: a problem that a repetition has a thousand times is reported once.
 */
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

export interface Places {
  readonly lines: LineCounter;
  /** Where in the text the part of the document is, or its key. */
  offsetOf(path: DocumentPath, atKey: boolean): number;
  /**
   * The place in the document as written of a place in the document with its repetitions written
   * out.
   */
  sourceOf(path: DocumentPath): DocumentPath;
}

/** Turns findings into problems with line and column, both from 1. */
export function locate(findings: readonly Finding[], places: Places): Problem[] {
  const { lines, offsetOf, sourceOf } = places;
  return withoutRepetitions(findings.slice(0, MAX_FINDINGS), sourceOf).map(
    ({ finding, source, more }) => {
      const { path, atKey, message } = finding;
      const { line, col } = lines.linePos(offsetOf(source, atKey === true));
      const where = path.length === 0 ? '' : `${pathText(path)}: `;
      const others = more === 0 ? '' : ` (and ${more} more repetitions)`;
      const text = typeof message === 'string' ? () => message : message;
      return {
        line: Math.max(line, 1),
        column: Math.max(col, 1),
        get message() {
          return `${where}${text()}${others}`;
        },
      };
    },
  );
}

/** `host_bridges[0].uid` */
function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? shortened(part) : `${text}.${shortened(part)}`;
  }, '');
}
