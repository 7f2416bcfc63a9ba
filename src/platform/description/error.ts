/**
 * What is wrong with a machine description.
 */

/** Where in the document: keys and list indexes from the top. */
export type DocumentPath = readonly (string | number)[];

const LONG_NAME = 60;

/** Of a name that the file gives, as much as a message can hold. */
export function shortened(name: string): string {
  return name.length > LONG_NAME ? `${name.slice(0, LONG_NAME)}...` : name;
}

export interface Finding {
  readonly path: DocumentPath;
  /** Point at the key of the last path element, not at its value. */
  readonly atKey?: boolean;
  /**
   * What was found, what was expected. A function where it takes long to say, as the search for a
   * name that is near.
   */
  readonly message: string | (() => string);
}

/** One thing that is wrong with a machine file. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What was found, what was expected. */
  readonly message: string;
}

/** More problems than these are counted, not shown. */
const MAX_SHOWN = 50;

/**
 * Carries the problems of one machine file, by line and column; the message has one
 * `file:line:column: ...` line each.
 *
 * @example
 * ```ts
 * import { DescriptionError, parseMachine } from 'cxlbox';
 *
 * try {
 *   parseMachine('nodes: [{ id: 0, cpus: "0-x" }]', 'mine.yaml');
 * } catch (error) {
 *   if (!(error instanceof DescriptionError)) throw error;
 *   console.log(error.message.startsWith('mine.yaml:1:')); // true
 * }
 * ```
 */
export class DescriptionError extends Error {
  /** As the caller named the file. */
  readonly file: string;
  /** In the order of the file; the first of them if there are many. */
  readonly problems: readonly Problem[];
  /** How many there are in all. */
  readonly count: number;

  constructor(file: string, problems: readonly Problem[]) {
    const ordered = [...problems]
      .sort((left, right) => left.line - right.line || left.column - right.column)
      .slice(0, MAX_SHOWN)
      .map(({ line, column, message }) => ({ line, column, message }));
    const lines = ordered.map(
      ({ line, column, message }) => `${file}:${line}:${column}: ${message}`,
    );
    const more = problems.length - ordered.length;
    super([...lines, ...(more > 0 ? [`${file}: and ${more} more`] : [])].join('\n'));
    this.name = 'DescriptionError';
    this.file = file;
    this.problems = ordered;
    this.count = problems.length;
  }
}
