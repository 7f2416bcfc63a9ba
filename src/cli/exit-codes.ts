/**
 * Exit codes of `cxlbox`. docs/exit-codes.md documents them, and a test compares.
 */
import { EXIT_STATUS } from '../box/errors.ts';

export const EXIT = {
  /** Done; for `run` and `shell` the command's own status takes its place. */
  ok: 0,
  /** `replay`, `diff`: at least one step or file differs. */
  differs: 1,
  /**
   * Wrong arguments, an unknown machine, a machine file with problems, an unreadable recording, not
   * inside a box.
   */
  usage: 2,
  /** A running box refused what it was asked for: `capacity`. */
  refused: 3,
  /** The box could not be opened: see the CXLBOX_ code in the message. */
  noBox: EXIT_STATUS.boxFailed,
  /** The command in the box could not be executed. */
  notExecutable: EXIT_STATUS.notExecutable,
  /** The command was not found in the box. */
  notFound: EXIT_STATUS.notFound,
} as const;
