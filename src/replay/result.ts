/**
 * What a replay found.
 */
export interface StepFailure {
  readonly line: number;
  /** The step in a few words: `write /sys/... "offline\n"`. */
  readonly step: string;
  /** What was expected and what was found, one difference per line. */
  readonly differences: readonly string[];
}

export interface StepSkip {
  readonly line: number;
  readonly step: string;
  readonly reason: string;
}

export interface ReplayResult {
  readonly trace: string;
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly StepFailure[];
  readonly skips: readonly StepSkip[];
}

/** How one step ended: differences (none: it agrees), or why it was not compared. */
export type StepOutcome =
  | { readonly differences: readonly string[] }
  | { readonly skipped: string };

/** Count of skips by reason, the most frequent first. */
export function skipReasons(skips: readonly StepSkip[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason } of skips) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((left, right) => right[1] - left[1]);
}
