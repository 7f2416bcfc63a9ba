/**
 * Steps that a replay cannot agree with, and why: `exceptions.json` next to the recordings. A rule applies only to a step
 * that differs, and only where all its differences are of the kind that the rule names.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../machine-files/package-root.ts';
import type { Step } from './trace.ts';

interface ExceptionRule {
  /** Matches the name of the recording. */
  readonly traces: RegExp;
  readonly op: string;
  readonly path: RegExp;
  /** Matches each difference of the step. */
  readonly difference: RegExp;
  /** Matches what the model's file holds when the step is over; absent: whatever it holds. */
  readonly content: RegExp | undefined;
  readonly reason: string;
}

const NAME = 'exceptions.json';
const KEYS = ['traces', 'op', 'path', 'difference', 'content', 'reason'] as const;

/** The list is no list of rules. */
export class ExceptionsFormatError extends Error {
  constructor(file: string, index: number, problem: string) {
    super(`${file}: rule ${index + 1}: ${problem}`);
    this.name = 'ExceptionsFormatError';
  }
}

function parseRule(raw: unknown, index: number, file: string): ExceptionRule {
  const fields = new Map(typeof raw === 'object' && raw !== null ? Object.entries(raw) : []);
  const text = (key: (typeof KEYS)[number]): string => {
    const value = fields.get(key);
    if (typeof value !== 'string')
      throw new ExceptionsFormatError(file, index, `'${key}' must be a text`);
    return value;
  };
  return {
    traces: new RegExp(text('traces')),
    op: text('op'),
    path: new RegExp(text('path')),
    difference: new RegExp(text('difference')),
    content: fields.has('content') ? new RegExp(text('content')) : undefined,
    reason: text('reason'),
  };
}

/** The list nearest above the recording, else the one of the checkout; undefined: an installed package has none. */
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

  /** Those that hold for the recording at `file`. Throws ExceptionsFormatError. */
  static of(file: string, trace: string): Exceptions {
    const list = exceptionsFile(file);
    if (list === undefined) return new Exceptions([]);
    const raw: unknown = JSON.parse(readFileSync(list, 'utf8'));
    const rules = (Array.isArray(raw) ? raw : []).map((each, index) =>
      parseRule(each, index, list),
    );
    return new Exceptions(rules.filter(({ traces }) => traces.test(trace)));
  }

  /** Why the step may differ in this way; undefined: it may not. `contentOf` reads a file of the model. */
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
