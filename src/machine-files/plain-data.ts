/**
 * Plain data as JSON text and back, with the two kinds of values that machine descriptions have and
 * JSON has not: 64-bit integers and sets.
 */
const BIGINT = '$bigint';
const SET = '$set';

export function toJson(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => {
    if (typeof value === 'bigint') return { [BIGINT]: String(value) };
    return value instanceof Set ? { [SET]: [...value] } : value;
  });
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (BIGINT in value) return BigInt(String(value[BIGINT]));
  if (SET in value) return new Set(value[SET] as unknown[]);
  return value;
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => revive(value));
}
