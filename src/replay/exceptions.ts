/**
 * Steps that a replay cannot agree with, and why: `exceptions.json` next to the recordings. A rule
 * applies only to a step that differs, and only where all its differences are of the kind that the
 * rule names.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../machine-files/package-root.ts';
import { readText, UnreadableFileError } from '../user-files/read-text.ts';
import type { Step } from './trace.ts';

interface ExceptionRule {
  /** Matches the name of the recording. */
  readonly traces: RegExp;
  readonly op: string;
  readonly path: RegExp;
  /** Matches each difference of the step. */
  readonly difference: RegExp;
  /** Matches what the model's file holds when the step is over; absent: any content. */
  readonly content: RegExp | undefined;
  readonly reason: string;
}

const NAME = 'exceptions.json';
const KEYS = ['traces', 'op', 'path', 'difference', 'content', 'reason'] as const;

/** The file is not a list of rules. */
export class ExceptionsFormatError extends UnreadableFileError {
  /** `index`: which rule, from 0; absent: the whole file. */
  constructor(file: string, problem: string, index?: number) {
    super(file, index === undefined ? problem : `rule ${index + 1}: ${problem}`);
    this.name = 'ExceptionsFormatError';
  }
}

function parseRule(raw: unknown, index: number, file: string): ExceptionRule {
  const fields = new Map(typeof raw === 'object' && raw !== null ? Object.entries(raw) : []);
  const text = (key: (typeof KEYS)[number]): string => {
    const value = fields.get(key);
    if (typeof value !== 'string')
      throw new ExceptionsFormatError(file, `'${key}' must be a string`, index);
    return value;
  };
  const pattern = (key: (typeof KEYS)[number]): RegExp => {
    const source = text(key);
    try {
      return new RegExp(source);
    } catch {
      throw new ExceptionsFormatError(file, `'${key}' must be a regular expression`, index);
    }
  };
  return {
    traces: pattern('traces'),
    op: text('op'),
    path: pattern('path'),
    difference: pattern('difference'),
    content: fields.has('content') ? pattern('content') : undefined,
    reason: text('reason'),
  };
}

function parseRules(file: string): ExceptionRule[] {
  let raw: unknown;
  const text = readText(file);
  try {
    raw = JSON.parse(text);
  } catch {
    throw new ExceptionsFormatError(file, 'found text that is not JSON');
  }
  if (!Array.isArray(raw)) throw new ExceptionsFormatError(file, 'it must be a list of rules');
  return raw.map((each, index) => parseRule(each, index, file));
}

/**
 * The list nearest above the recording, else the one of the checkout; undefined: an installed
 * package has none.
 */
function exceptionsFile(recording: string): string | undefined {
  for (let at = resolve(dirname(recording)); ; at = dirname(at)) {
    if (existsSync(join(at, NAME))) return join(at, NAME);
    if (dirname(at) !== at) continue;
    const own = join(packageRoot(), 'conformance', NAME);
    return existsSync(own) ? own : undefined;
  }
}

export class Exceptions {
  private readonly rules: readonly ExceptionRule[];

  constructor(rules: readonly ExceptionRule[]) {
    this.rules = rules;
  }

  /** Those that hold for the recording at `file`. Throws UnreadableFileError. */
  static of(file: string, trace: string): Exceptions {
    const list = exceptionsFile(file);
    const rules = list === undefined ? [] : parseRules(list);
    return new Exceptions(rules.filter(({ traces }) => traces.test(trace)));
  }

  /**
   * Why the step may differ in this way; undefined: it may not. `contentOf` reads a file of the
   * model.
   */
  reasonFor(
    step: Step,
    differences: readonly string[],
    contentOf: (path: string) => string | undefined,
  ): string | undefined {
    if (!('path' in step)) return undefined;
    const { op, path } = step;
    const rule = this.rules.find(
      (each) =>
        each.op === op &&
        each.path.test(path) &&
        differences.every((text) => each.difference.test(text)) &&
        (each.content?.test(contentOf(path) ?? '') ?? true),
    );
    return rule?.reason;
  }
}
