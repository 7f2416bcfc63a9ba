/**
 * `log`: the kernel log of a box, with the reason of every refused write, which no errno tells.
 */
import { type BoxFile, parseLines } from './box-file.ts';

export type LogLevel = 'err' | 'warn' | 'info' | 'debug';

export interface LogLine {
  /** Counts from 1; the model holds no clock. */
  readonly sequence: number;
  readonly level: LogLevel;
  readonly text: string;
}

/** Severities as /dev/kmsg numbers them (KERN_ERR and so on). */
const SEVERITY: Readonly<Record<LogLevel, number>> = { err: 3, warn: 4, info: 6, debug: 7 };
const LEVELS = Object.keys(SEVERITY) as readonly LogLevel[];

function parseLogLine(line: string): LogLine | undefined {
  const [, severity, sequence, text] = /^(\d+),(\d+);(.*)$/.exec(line) ?? [];
  const level = LEVELS.find((each) => `${SEVERITY[each]}` === severity);
  if (level === undefined || text === undefined) return undefined;
  return { sequence: Number(sequence), level, text };
}

/** Close to a record of /dev/kmsg: severity, number, text. A text never spans two lines. */
export const LOG: BoxFile<readonly LogLine[]> = {
  path: 'log',
  mode: 0o400,
  content: 'the last 4096 lines of the kernel log: `SEVERITY,NUMBER;TEXT`',
  page: 'events-and-log.md',
  format: (lines) =>
    lines
      .map(
        ({ level, sequence, text }) =>
          `${SEVERITY[level]},${sequence};${text.replaceAll('\n', ' ')}\n`,
      )
      .join(''),
  parse: (text) => parseLines(text, 'SEVERITY,NUMBER;TEXT', parseLogLine),
};

/** A write, or an open for writing, that was refused. */
export interface Refusal {
  readonly path: string;
  readonly errno: string;
  readonly reason: string;
}

/** The text of its line in the log. */
export function formatRefusal({ path, errno, reason }: Refusal): string {
  return `${path}: write refused: ${errno}: ${reason}`;
}

/** Undefined for a line that says something else. */
export function parseRefusal(text: string): Refusal | undefined {
  const [, path, errno, reason] = /^(\S+): write refused: (\w+): (.*)$/s.exec(text) ?? [];
  if (path === undefined || errno === undefined || reason === undefined) return undefined;
  return { path, errno, reason };
}
