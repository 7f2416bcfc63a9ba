/**
 * Texts with counters in them, as a repeated part of a machine description has: `m{bridge}`, `{12 +
 * 2 * pair}`, `{bridge:04x}`. Arithmetic is on whole numbers; a division drops what is behind the
 * point.
 */
export type Counters = ReadonlyMap<string, number>;

/** Says what is wrong with a text, as the rest of "found ..." */
export class TemplateError extends Error {}

const TOKEN = /\s*(\d+|[A-Za-z_]\w*|[-+*/%()])\s*/y;

/** Arithmetic of counters is never longer. */
const MAX_EXPRESSION = 200;
/** Digits that a number may be padded to. */
const MAX_WIDTH = 16;

function tokens(expression: string): string[] {
  if (expression.length > MAX_EXPRESSION) {
    const start = expression.slice(0, 20);
    throw new TemplateError(`'{${start}...}', expected at most ${MAX_EXPRESSION} characters`);
  }
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const match = TOKEN.exec(expression);
    if (match?.[1] === undefined)
      throw new TemplateError(`'{${expression}}', expected counters and + - * / %`);
    found.push(match[1]);
  }
  return found;
}

const OPERATORS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => Math.floor(left / right),
  '%': (left, right) => left % right,
};
/** By how tight they bind, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['+', '-'],
  ['*', '/', '%'],
];

class Evaluation {
  private readonly expression: string;
  private readonly counters: Counters;
  private readonly rest: string[];

  constructor(expression: string, counters: Counters) {
    this.expression = expression;
    this.counters = counters;
    this.rest = tokens(expression);
  }

  value(): number {
    const value = this.level(0);
    if (this.rest.length > 0 || !Number.isSafeInteger(value) || value < 0) throw this.malformed();
    return value;
  }

  private level(index: number): number {
    const operators = LEVELS[index];
    if (operators === undefined) return this.operand();
    let value = this.level(index + 1);
    while (operators.includes(this.rest[0] ?? '')) {
      const operator = OPERATORS[this.rest.shift() ?? ''];
      value = operator?.(value, this.level(index + 1)) ?? value;
    }
    return value;
  }

  private operand(): number {
    const token = this.rest.shift() ?? '';
    if (token === '(') {
      const value = this.level(0);
      if (this.rest.shift() !== ')') throw this.malformed();
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (!/^\w/.test(token)) throw this.malformed();
    const value = this.counters.get(token);
    if (value !== undefined) return value;
    throw new TemplateError(
      `'${token}' in '{${this.expression}}', expected one of ${[...this.counters.keys()].join(', ')}`,
    );
  }

  private malformed(): TemplateError {
    return new TemplateError(
      `'{${this.expression}}', expected an expression whose value is 0 or more`,
    );
  }
}

const FIELD = /\{([^{}:]*)(?::(?:0(\d+))?(x)?)?\}/g;
const WHOLE = /^\{([^{}:]*)\}$/;

/** The text with each `{expression}` replaced. Throws TemplateError. */
export function fillText(text: string, counters: Counters): string {
  return text.replaceAll(FIELD, (field: string, expression: string, width = '0', hex?: string) => {
    if (Number(width) > MAX_WIDTH)
      throw new TemplateError(`'${field}', expected at most ${MAX_WIDTH} digits`);
    const value = new Evaluation(expression, counters).value();
    return value.toString(hex === undefined ? 10 : 16).padStart(Number(width), '0');
  });
}

/**
 * As fillText; what is one expression and nothing else becomes a number, as the document writes
 * numbers.
 */
export function fill(text: string, counters: Counters): string | bigint {
  const whole = WHOLE.exec(text)?.[1];
  return whole === undefined
    ? fillText(text, counters)
    : BigInt(new Evaluation(whole, counters).value());
}
