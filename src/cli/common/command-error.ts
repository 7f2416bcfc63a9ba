import { EXIT } from '../exit-codes.ts';

/** A command cannot do what was asked for. The message says what and why. */
export abstract class CommandError extends Error {
  /** What to do about it. */
  abstract readonly remedy: string;
  /** Exit code. */
  readonly code: number = EXIT.usage;
}
