// The kernel log against the recordings' dmesg steps, which a replay does not compare: the words
// are ours.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../src/machine-files/load.ts';
import { boot } from '../../src/platform/boot.ts';
import { replayTrace } from '../../src/replay/replay-trace.ts';
import type { Trace } from '../../src/replay/trace.ts';
import { findTraces, readTrace } from '../../src/replay/trace-files.ts';
import { KINDS, SILENCES } from './kernel-log-kinds.ts';

const CONFORMANCE = fileURLToPath(new URL('../../conformance', import.meta.url));

/**
 * Kinds that a recording may have more often: the kernel prints them for work that the model does
 * at once.
 */
const ONCE_IS_ENOUGH = /zonelists|Policy zone|Fallback order|Demotion targets/;

function recordedLines(trace: Trace): string[] {
  return trace.steps.flatMap((step) => (step.op === 'dmesg' ? step.lines : []));
}

/** All that the model logs while it replays; more than its ring holds. */
function modelLines(trace: Trace): string[] {
  const lines: string[] = [];
  replayTrace(trace, loadMachine(trace.header.topology), (description) => {
    const machine = boot(description);
    lines.push(...machine.kernel.log.lines().map(({ text }) => text));
    machine.kernel.log.subscribe(({ text }) => lines.push(text));
    return machine;
  });
  return lines;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * The pattern of the model's line; undefined: none is expected. Throws for a line of no known kind.
 */
function counterpart(line: string): string | undefined {
  for (const { recorded, ours } of KINDS) {
    const match = recorded.exec(line);
    if (match !== null)
      return ours.replace(/\{(\d)\}/g, (_, group) => escaped(match[Number(group)] ?? ''));
  }
  if (SILENCES.some(({ recorded }) => recorded.test(line))) return undefined;
  throw new Error(`a line of no known kind: ${line}`);
}

function wanted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const pattern = counterpart(line);
    if (pattern !== undefined) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  return counts;
}

function missing(trace: Trace): string[] {
  const ours = modelLines(trace);
  return [...wanted(recordedLines(trace))].flatMap(([pattern, count]) => {
    const found = ours.filter((line) => new RegExp(pattern).test(line)).length;
    const enough = ONCE_IS_ENOUGH.test(pattern) ? Math.min(count, 1) : count;
    return found >= enough ? [] : [`${pattern}: recorded ${count}, the model's log has ${found}`];
  });
}

const traces = findTraces([CONFORMANCE])
  .map((file) => readTrace(file))
  .filter((trace) => recordedLines(trace).length > 0);

describe('the kernel log says what the recorded kernels said', () => {
  it('finds recordings with a log', () => {
    expect(traces.length).toBeGreaterThan(40);
  });

  it('uses every kind', () => {
    const all = traces.flatMap(recordedLines);
    const unused = [...KINDS, ...SILENCES].filter(
      ({ recorded }) => !all.some((line) => recorded.test(line)),
    );
    expect(unused.map(({ recorded }) => String(recorded))).toEqual([]);
  });

  it.each(traces.map((trace) => [trace.header.trace, trace] as const))('%s', (_, trace) => {
    expect(missing(trace)).toEqual([]);
  });
});
