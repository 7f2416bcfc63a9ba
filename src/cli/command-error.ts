/** A command cannot do what was asked for. The message says what and why, the remedy what to do. Exit code 2. */
export abstract class CommandError extends Error {
  abstract readonly remedy: string;
}
