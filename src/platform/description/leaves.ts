/**
 * The scalar types of a machine description. Each says in its message what was found and what was
 * expected, and carries its JSON Schema for editors. Where a number may stand, a repeated part may
 * have an expression in braces.
 */
import { z } from 'zod';
import { parseRangeList } from '../../kernfs/format.ts';
import { meantSize, parseDuration, parseSize, safeNumber } from '../../units.ts';
import { LIMITS } from './limits.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const LONGEST_SHOWN = 60;
/** Printing larger ones takes long. */
const LARGEST_SHOWN = 10n ** 30n;

function shownScalar(value: unknown): string {
  if (typeof value === 'bigint' && (value > LARGEST_SHOWN || value < -LARGEST_SHOWN))
    return 'a number of more than 30 digits';
  if (typeof value !== 'string') return String(value);
  return value.length > LONGEST_SHOWN
    ? `${JSON.stringify(value.slice(0, LONGEST_SHOWN))}...`
    : JSON.stringify(value);
}

/** What a person sees of a value that was found. */
export function describeFound(value: unknown): string {
  if (value === undefined || value === null) return 'found nothing';
  if (Array.isArray(value)) return 'found a list';
  if (typeof value === 'object') return 'found a map';
  return `found ${shownScalar(value)}`;
}

/** `hint`: what was probably meant, as the end of the message. */
function leaf<T>(
  expected: string,
  json: JsonSchema,
  convert: (value: unknown) => T | undefined,
  hint: (value: unknown) => string = () => '',
) {
  return z
    .unknown()
    .transform((value, context): T => {
      const converted = convert(value);
      if (converted !== undefined) return converted;
      const message = `${describeFound(value)}, expected ${expected}${hint(value)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta(json);
}

/** Digits of a 64-bit number, in the base that needs most. */
const NUMBER = /^(0[xX][0-9a-fA-F]{1,16}|\d{1,20})$/;
/** Anything with an expression in braces. */
const EXPRESSION = '\\{[^{}]*\\}';

function textOr(pattern: string, json: JsonSchema): JsonSchema {
  return { anyOf: [json, { type: 'string', pattern: `^(?:${pattern})$|${EXPRESSION}` }] };
}

function integerOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return safeNumber(value);
  return typeof value === 'string' && NUMBER.test(value) ? safeNumber(BigInt(value)) : undefined;
}

/** From 0 on. */
function integerUpTo(max: number, expected: string) {
  return leaf(
    expected,
    textOr('0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}', { type: 'integer', minimum: 0, maximum: max }),
    (value) => {
      const number = integerOf(value);
      return number !== undefined && number <= max ? number : undefined;
    },
  );
}

export const integer = integerUpTo(Number.MAX_SAFE_INTEGER, 'a whole number');

/** At most `max`; `what` is what the number counts or names. */
export function limited(max: number, what = 'a whole number') {
  return integerUpTo(max, `${what} from 0 to ${max}`);
}

function bytes(expected: string, max: number) {
  return leaf(
    expected,
    textOr('(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})\\s*(?:[KMGTP](?:iB)?|B)?', {
      type: 'integer',
      minimum: 0,
      maximum: max,
    }),
    (value) => {
      const number =
        typeof value === 'bigint'
          ? safeNumber(value)
          : typeof value === 'string'
            ? parseSize(value)
            : undefined;
      return number !== undefined && number <= max ? number : undefined;
    },
    (value) => {
      const meant = typeof value === 'string' ? meantSize(value) : undefined;
      return meant === undefined ? '' : `, did you mean ${meant}?`;
    },
  );
}

export const size = bytes(
  'a size in bytes such as 4GiB, 256MiB or 0x10000000, of at most 4PiB',
  LIMITS.address,
);

export const address = bytes(
  'an address such as 0x190000000 or 4GiB, below 2^52',
  LIMITS.address - 1,
);

/** Milliseconds. A list of one number would read as that number. */
export const duration = leaf(
  'a time such as 100ms or 2s',
  textOr('[0-9]{1,9}(?:ms|s)?', { type: 'integer', minimum: 0 }),
  (value) =>
    typeof value === 'bigint' || typeof value === 'string'
      ? parseDuration(shownScalar(value).replaceAll('"', ''))
      : undefined,
);

/** A NUMA node that may be -1 for none. */
export const nodeOrNone = leaf(
  `a node from 0 to ${LIMITS.nodes - 1}, or -1`,
  textOr('-1|[0-9]+', { type: 'integer', minimum: -1, maximum: LIMITS.nodes - 1 }),
  (value) => {
    if (value === -1n || value === '-1') return -1;
    const node = integerOf(value);
    return node !== undefined && node < LIMITS.nodes ? node : undefined;
  },
);

export const wideInteger = leaf(
  'a number below 2^64 such as 0x1000',
  textOr('0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}', { type: 'integer', minimum: 0 }),
  (value) => {
    const wide = typeof value === 'string' && NUMBER.test(value) ? BigInt(value) : value;
    return typeof wide === 'bigint' && wide >= 0n && wide < 1n << 64n ? wide : undefined;
  },
);

/** Ids below `count`, such as `0-3,8`. */
export function idList(count: number) {
  const number = { type: 'integer', minimum: 0, maximum: count - 1 };
  return leaf(
    `a list of numbers from 0 to ${count - 1} such as "0-3,8"`,
    {
      anyOf: [
        number,
        { type: 'array', items: number },
        { type: 'string', pattern: `^ *(?:[0-9]+(?: *- *[0-9]+)?(?: *, *|$))*$|${EXPRESSION}` },
      ],
    },
    (value) => {
      const parsed =
        typeof value === 'string' ? parseRangeList(value.replaceAll(' ', ''), count) : undefined;
      const ids = Array.isArray(value) ? value.map(integerOf) : (parsed ?? [integerOf(value)]);
      return ids.every((id) => id !== undefined && id < count) ? (ids as number[]) : undefined;
    },
  );
}

export const text = leaf('text', { type: ['string', 'number'] }, (value) =>
  typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number'
    ? String(value)
    : undefined,
);

export const flag = leaf('true or false', { type: 'boolean' }, (value) =>
  typeof value === 'boolean' ? value : undefined,
);

export function word<const T extends string>(words: readonly T[]) {
  return leaf(`one of ${words.join(', ')}`, { enum: words }, (value) =>
    words.find((each) => each === value),
  );
}

/**
 * `N`, `Y` and other words; YAML has N and Y as false and true if they are not quoted in some of
 * its versions.
 */
export function switchWord<const T extends string>(words: readonly ('N' | 'Y' | T)[]) {
  return leaf(`one of ${words.join(', ')}`, { enum: [...words, true, false] }, (value) =>
    words.find((each) => each === (value === true ? 'Y' : value === false ? 'N' : value)),
  );
}

export function matching(pattern: RegExp, expected: string) {
  const json = { type: 'string', pattern: `${pattern.source}|${EXPRESSION}` };
  return leaf(expected, json, (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined,
  );
}

/** A list of at most `max`. */
export function list<T extends z.ZodType>(item: T, max: number) {
  return z.array(item).max(max, {
    error: ({ input }) =>
      `found ${Array.isArray(input) ? input.length : 'too many'} items, expected at most ${max}`,
  });
}

/** A map from names to at most `max` values. */
export function named<T extends z.ZodType>(value: T, max: number) {
  return z
    .record(z.string(), value)
    .superRefine((map, context) => {
      const count = Object.keys(map).length;
      if (count <= max) return;
      context.addIssue({ code: 'custom', message: `found ${count}, expected at most ${max}` });
    })
    .meta({ maxProperties: max });
}
