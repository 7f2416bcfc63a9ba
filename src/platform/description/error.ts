/**
 * What is wrong with a machine description.
 */

/** Where in the document: keys and list indexes from the top. */
export type DocumentPath = readonly (string | number)[];

export interface Finding {
  readonly path: DocumentPath;
  /** Point at the key of the last path element, not at its value. */
  readonly atKey?: boolean;
  /** What was found, what was expected. */
  readonly message: string;
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

/**
 * Carries all problems of one machine file, by line and column; the message has one
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
  /** In the order of the file. */
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const ordered = [...problems].sort(
      (left, right) => left.line - right.line || left.column - right.column,
    );
    super(
      ordered
        .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`)
        .join('\n'),
    );
    this.name = 'DescriptionError';
    this.file = file;
    this.problems = ordered;
  }
}
