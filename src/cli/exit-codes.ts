/**
 * Exit codes of `cxlbox`. Documented in docs/exit-codes.md, which a test compares with this table.
 */
export const EXIT = {
  /** Done; for `run` and `shell` the command's own status takes its place. */
  ok: 0,
  /** `replay`: at least one step differs. */
  differs: 1,
  /** Wrong arguments, an unknown machine, a machine file with problems, an unreadable recording. */
  usage: 2,
  /** The box could not be opened: see the CXLBOX_ code in the message. */
  noBox: 125,
  /** The command in the box could not be executed. */
  notExecutable: 126,
  /** The command was not found in the box. */
  notFound: 127,
} as const;
