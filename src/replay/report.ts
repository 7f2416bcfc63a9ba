/**
 * Replay results as text and as JSON.
 */
import { type ReplayResult, skipReasons } from './result.ts';

const MAX_DIFFERENCES = 12;

/** A line for the recording, then one block for each step that differs. */
export function reportTrace(result: ReplayResult): string[] {
  const { file, trace, passed, failures, skips } = result;
  const head = `${failures.length === 0 ? 'ok  ' : 'DIFF'} ${trace}: ${passed} passed, ${failures.length} failed, ${skips.length} skipped`;
  const blocks = failures.flatMap(({ line, step, differences }) => {
    const shown = differences.slice(0, MAX_DIFFERENCES).map((each) => `      ${each}`);
    const more = differences.length - shown.length;
    return [
      `  ${file}:${line}: ${step}`,
      ...shown,
      ...(more > 0 ? [`      ... and ${more} more`] : []),
    ];
  });
  return [head, ...blocks];
}

/** The totals, with the reasons of all skips. */
export function reportTotals(results: readonly ReplayResult[]): string[] {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failures.length, 0);
  const skips = results.flatMap((result) => result.skips);
  return [
    ...skipReasons(skips).map(([reason, count]) => `  ${count} skipped: ${reason}`),
    `${passed} passed, ${failed} failed, ${skips.length} skipped`,
  ];
}

/** One JSON object for the whole run. */
export function reportJson(results: readonly ReplayResult[]): string {
  const traces = results.map(({ trace, file, passed, failures, skips }) => ({
    trace,
    file,
    passed,
    failed: failures.length,
    skipped: skips.length,
    failures,
    skips,
  }));
  return JSON.stringify({ traces }, undefined, 2);
}
