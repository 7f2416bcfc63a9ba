/**
 * A reporter: why tests were skipped, each reason with the count of tests, at the end of the run.
 */
import type { Reporter, TestModule } from 'vitest/node';

const UNKNOWN = 'no reason is given';

/** A line for each reason, the most frequent first; none if no test was skipped. */
export function reasonLines(lacks: readonly (string | undefined)[]): string[] {
  const counts = new Map<string, number>();
  for (const lack of lacks) {
    const reason = lack ?? UNKNOWN;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} skipped: ${reason}`);
}

function skippedIn(module: TestModule): (string | undefined)[] {
  return [...module.children.allTests('skipped')].map((test) => test.meta().lacks);
}

export class SkipReasons implements Reporter {
  /** A test that `-t` leaves out is skipped as well, which needs no reason. */
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (process.argv.some((word) => word === '-t' || word.startsWith('--testNamePattern'))) return;
    for (const line of reasonLines(modules.flatMap(skippedIn))) console.log(line);
  }
}
