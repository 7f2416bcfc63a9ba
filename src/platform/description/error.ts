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

export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Carries all problems of one file; the message has one `file:line:column: ...` line each. */
export class DescriptionError extends Error {
  readonly file: string;
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
