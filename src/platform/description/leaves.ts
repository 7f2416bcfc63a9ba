/**
 * The scalar types of a machine description. Each says in its message what was found and what was expected.
 */
import { z } from 'zod';
import { parseRangeList } from '../../kernfs/format.ts';
import { parseDuration, parseSize, safeNumber } from './units.ts';

/** What a person sees of a value that was found. */
export function describeFound(value: unknown): string {
  if (value === undefined || value === null) return 'found nothing';
  if (Array.isArray(value)) return 'found a list';
  if (typeof value === 'object') return 'found a map';
  return `found ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`;
}

function leaf<T>(expected: string, convert: (value: unknown) => T | undefined) {
  return z.unknown().transform((value, context): T => {
    const converted = convert(value);
    if (converted !== undefined) return converted;
    context.addIssue({ code: 'custom', message: `${describeFound(value)}, expected ${expected}` });
    return z.NEVER;
  });
}

function integerOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return safeNumber(value);
  return typeof value === 'string' && /^(0[xX][0-9a-fA-F]+|\d+)$/.test(value)
    ? safeNumber(BigInt(value))
    : undefined;
}

function idListOf(value: unknown): readonly number[] | undefined {
  if (typeof value === 'bigint') return [Number(value)];
  if (typeof value === 'string') return parseRangeList(value.replaceAll(' ', ''));
  if (!Array.isArray(value)) return undefined;
  const ids = value.map(integerOf);
  return ids.every((id) => id !== undefined) ? ids : undefined;
}

export const size = leaf('a size in bytes such as 4GiB, 256MiB or 0x10000000', (value) =>
  typeof value === 'bigint'
    ? safeNumber(value)
    : typeof value === 'string'
      ? parseSize(value)
      : undefined,
);

export const address = leaf('an address such as 0x190000000 or 4GiB', (value) =>
  typeof value === 'bigint'
    ? safeNumber(value)
    : typeof value === 'string'
      ? parseSize(value)
      : undefined,
);

export const integer = leaf('a whole number', integerOf);

/** Milliseconds. A list of one number would read as that number. */
export const duration = leaf('a time such as 100ms or 2s', (value) =>
  typeof value === 'bigint' || typeof value === 'string' ? parseDuration(String(value)) : undefined,
);

/** A node or interface number that may be -1 for none. */
export const signedInteger = leaf('a whole number or -1', (value) =>
  value === -1n ? -1 : integerOf(value),
);

export const wideInteger = leaf('a number below 2^64 such as 0x1000', (value) =>
  typeof value === 'bigint' && value >= 0n && value < 1n << 64n ? value : undefined,
);

export const idList = leaf('a list of numbers such as "0-3,8"', idListOf);

export const text = leaf('a text', (value) =>
  typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number'
    ? String(value)
    : undefined,
);

export const flag = leaf('true or false', (value) =>
  typeof value === 'boolean' ? value : undefined,
);

export function word<const T extends string>(words: readonly T[]) {
  return leaf(`one of ${words.join(', ')}`, (value) => words.find((each) => each === value));
}

export function matching(pattern: RegExp, expected: string) {
  return leaf(expected, (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined,
  );
}
