/**
 * The kernel's parsers for text that user space writes. Each names the kernel function it equals; a
 * NUL ends the text, as it does for a C string parser.
 */
import { KernelError } from '../errno.ts';

const U64_MAX = 0xffffffffffffffffn;
const S64_MAX = 0x7fffffffffffffffn;

/** What a C string function sees of a written buffer: all before the first NUL. */
export function cString(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function invalid(text: string): KernelError {
  return new KernelError('EINVAL', `not a number: ${JSON.stringify(cString(text).slice(0, 40))}`);
}

const DIGITS: Readonly<Record<number, RegExp>> = {
  8: /^[0-7]+/,
  10: /^[0-9]+/,
  16: /^[0-9a-fA-F]+/,
};

function baseOf(digits: string, base: number): { base: number; digits: string } {
  const hex = /^0[xX](?=[0-9a-fA-F])/.test(digits);
  if (base === 0) {
    if (hex) return { base: 16, digits: digits.slice(2) };
    return digits.startsWith('0') ? { base: 8, digits } : { base: 10, digits };
  }
  return base === 16 && /^0[xX]/.test(digits)
    ? { base, digits: digits.slice(2) }
    : { base, digits };
}

function toBigInt(digits: string, base: number): bigint {
  if (base === 16) return BigInt(`0x${digits}`);
  if (base === 8) return BigInt(`0o${digits}`);
  return BigInt(digits);
}

/** `_kstrtoull` after an optional sign: 64-bit overflow is ERANGE even where junk follows. */
function magnitude(text: string, base: number, whole: string): bigint {
  const form = baseOf(text, base);
  const match = DIGITS[form.base]?.exec(form.digits);
  if (!match) throw invalid(whole);
  const value = toBigInt(match[0], form.base);
  if (value > U64_MAX)
    throw new KernelError('ERANGE', `number too large: ${cString(whole).slice(0, 40)}`);
  const rest = form.digits.slice(match[0].length);
  if (rest !== '' && rest !== '\n') throw invalid(whole);
  return value;
}

/** kstrtoull(): optional `+`, base by prefix (or given), one trailing newline. EINVAL, ERANGE. */
export function kstrtoull(text: string, base = 0): bigint {
  const body = cString(text);
  return magnitude(body.startsWith('+') ? body.slice(1) : body, base, text);
}

/** kstrtoll(): as kstrtoull with an optional `-`. EINVAL, ERANGE. */
export function kstrtoll(text: string, base = 0): bigint {
  const body = cString(text);
  if (!body.startsWith('-')) {
    const value = kstrtoull(text, base);
    if (value > S64_MAX) throw new KernelError('ERANGE', `number too large: ${body.slice(0, 40)}`);
    return value;
  }
  const value = magnitude(body.slice(1), base, text);
  if (value > S64_MAX + 1n)
    throw new KernelError('ERANGE', `number too small: ${body.slice(0, 40)}`);
  return -value;
}

function ranged(value: bigint, low: bigint, high: bigint): number {
  if (value < low || value > high) throw new KernelError('ERANGE', `number out of range: ${value}`);
  return Number(value);
}

/** kstrtoint(): EINVAL, ERANGE outside 32 bits. */
export function kstrtoint(text: string, base = 0): number {
  return ranged(kstrtoll(text, base), -0x80000000n, 0x7fffffffn);
}

/** kstrtouint(): EINVAL, ERANGE outside 32 bits. */
export function kstrtouint(text: string, base = 0): number {
  return ranged(kstrtoull(text, base), 0n, 0xffffffffn);
}

/**
 * kstrtobool(): looks at the first character, and for `o` at the second; the rest is ignored.
 * EINVAL.
 */
export function kstrtobool(text: string): boolean {
  const body = cString(text);
  if (/^([yYtTeE1]|[oO][nN])/.test(body)) return true;
  if (/^([nNfFdD0]|[oO][fF])/.test(body)) return false;
  throw new KernelError('EINVAL', `not a boolean: ${JSON.stringify(body.slice(0, 40))}`);
}

/** uuid_null: no uuid was given. */
export const NULL_UUID = '00000000-0000-0000-0000-000000000000';

/** uuid_is_valid(): 8-4-4-4-12 hexadecimal digits, in either case. */
export function uuidIsValid(text: string): boolean {
  return /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text);
}

/** uuid_parse(), with blanks around it allowed; in lower case. EINVAL. */
export function parseUuid(text: string): string {
  const uuid = cString(text).trim().toLowerCase();
  if (!uuidIsValid(uuid))
    throw new KernelError('EINVAL', `not a uuid: ${JSON.stringify(uuid.slice(0, 40))}`);
  return uuid;
}

/** sysfs_streq(): equal but for one trailing newline, on either side. */
export function sysfsStreq(text: string, word: string): boolean {
  const body = cString(text);
  return body === word || body === `${word}\n` || `${body}\n` === word;
}

/** sysfs_match_string(): the word of the list that the text equals, or undefined. */
export function sysfsMatch<T extends string>(text: string, words: readonly T[]): T | undefined {
  return words.find((word) => sysfsStreq(text, word));
}

/**
 * The written name of a device without its one trailing newline (`bus_find_device_by_name` uses
 * sysfs_streq).
 */
export function deviceName(text: string): string {
  const body = cString(text);
  return body.endsWith('\n') ? body.slice(0, -1) : body;
}
