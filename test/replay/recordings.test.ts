/**
 * Every recording of a kernel with the explicit region drivers, and of mainline, step by step
 * against the model; and what both logged.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../src/machine-files/load.ts';
import { boot } from '../../src/platform/boot.ts';
import { Exceptions } from '../../src/replay/exceptions.ts';
import { replayTrace } from '../../src/replay/replay-trace.ts';
import { reportTotals, reportTrace } from '../../src/replay/report.ts';
import { findTraces, readTrace } from '../../src/replay/trace-files.ts';
import { missingLines, recordedLines, unusedKinds } from './kernel-log.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const CORPUS = fileURLToPath(new URL('../../conformance', import.meta.url));

describe('recordings', () => {
  const files = findTraces([CORPUS]).map(
    (file) => [basename(file).replace(/\.jsonl.*$/, ''), file] as const,
  );

  it('are all there', () => {
    expect(files.length).toBeGreaterThanOrEqual(70);
  });

  const results = new Map<string, ReturnType<typeof replayTrace>>();

  it.each(files)('%s', (_, file) => {
    const trace = readTrace(file);
    // More than the ring of the log holds.
    const logged: string[] = [];
    const result = replayTrace(
      trace,
      loadMachine(trace.header.topology),
      (description) => {
        const machine = boot(description);
        logged.push(...machine.kernel.log.lines().map(({ text }) => text));
        machine.kernel.log.subscribe(({ text }) => logged.push(text));
        return machine;
      },
      file,
      Exceptions.of(file, trace.header.trace),
    );
    results.set(file, result);
    expect(result.passed).toBeGreaterThan(0);
    expect(result.failures, reportTrace(result).join('\n')).toEqual([]);
    expect(missingLines(trace, logged)).toEqual([]);
  });

  it('have logs, with every kind of line that is known', () => {
    const traces = files
      .map(([, file]) => readTrace(file))
      .filter((trace) => recordedLines(trace).length > 0);
    expect(traces.length).toBeGreaterThan(40);
    expect(unusedKinds(traces)).toEqual([]);
  });

  it('pass in as many steps as README.md says', ({ skip }) => {
    skip(results.size < files.length, 'not all recordings were replayed');
    const total = reportTotals([...results.values()]).at(-1) ?? '';
    expect(total).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
    expect(readFileSync(README, 'utf8')).toContain(`\n${total}\n`);
  });
});
