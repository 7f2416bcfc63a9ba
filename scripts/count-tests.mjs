// Prints `N passed, N failed` from vitest's JSON report; exit 1 when a test failed or was skipped,
// or none ran.
import { readFileSync } from 'node:fs';

const [file = ''] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, 'utf8'));
const passed = report.numPassedTests;
const skipped = report.numPendingTests + report.numTodoTests;
// A file that failed to load has no tests to count, and must count as a failure.
const brokenFiles = report.testResults.filter(
  (each) => each.status === 'failed' && each.assertionResults.length === 0,
);
const failed = report.numFailedTests + brokenFiles.length;

for (const each of report.testResults.flatMap((result) => result.assertionResults)) {
  if (each.status !== 'pending' && each.status !== 'todo' && each.status !== 'skipped') continue;
  console.log(`skipped: ${each.fullName} (${each.meta?.lacks ?? 'no reason is given'})`);
}
console.log(
  skipped > 0
    ? `${passed} passed, ${failed} failed, ${skipped} skipped`
    : `${passed} passed, ${failed} failed`,
);
process.exitCode = failed > 0 || skipped > 0 || passed === 0 ? 1 : 0;
