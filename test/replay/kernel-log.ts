/**
 * The kernel log against the recordings' dmesg steps, which a replay does not compare: the words
 * are ours.
 */
import type { Trace } from '../../src/replay/trace.ts';
import { KINDS, SILENCES } from './kernel-log-kinds.ts';

/**
 * Kinds that a recording may have more often: the kernel prints them for work that the model does
 * at once.
 */
const ONCE_IS_ENOUGH = /zonelists|Policy zone|Fallback order|Demotion targets/;

export function recordedLines(trace: Trace): string[] {
  return trace.steps.flatMap((step) => (step.op === 'dmesg' ? step.lines : []));
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

/** What is recorded and not among `ours`, all that the model logs while it replays the recording. */
export function missingLines(trace: Trace, ours: readonly string[]): string[] {
  return [...wanted(recordedLines(trace))].flatMap(([pattern, count]) => {
    const found = ours.filter((line) => new RegExp(pattern).test(line)).length;
    const enough = ONCE_IS_ENOUGH.test(pattern) ? Math.min(count, 1) : count;
    return found >= enough ? [] : [`${pattern}: recorded ${count}, the model's log has ${found}`];
  });
}

/** Patterns of recorded lines that no recording has. */
export function unusedKinds(traces: readonly Trace[]): string[] {
  const all = traces.flatMap(recordedLines);
  const unused = [...KINDS, ...SILENCES].filter(
    ({ recorded }) => !all.some((line) => recorded.test(line)),
  );
  return unused.map(({ recorded }) => String(recorded));
}
