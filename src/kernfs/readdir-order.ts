/**
 * The order in which sysfs lists a directory: kernfs keeps children in a tree ordered by (hash of
 * the name, name). It matters: `cxl enable-region` tries the drivers of a bus in this order, and
 * the first that accepts wins.
 *
 * 64-bit arithmetic is done in two halves: a directory may have half a million names.
 */
const WORD = 2 ** 32;
/** GOLDEN_RATIO_64 of `include/linux/hash.h`. */
const GOLDEN_HIGH = 0x61c88646;
const GOLDEN_LOW = 0x80b583eb;
const HASH_MAX = 0x7fffffff;
const HALF_SHIFT = 16;
const HALF_MASK = 0xffff;

/** The upper 32 bits of the product of two 32-bit numbers. */
function upperProduct(a: number, b: number): number {
  const [aHigh, aLow] = [a >>> HALF_SHIFT, a & HALF_MASK];
  const [bHigh, bLow] = [b >>> HALF_SHIFT, b & HALF_MASK];
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 2 ** HALF_SHIFT);
  const other = aLow * bHigh + (middle % 2 ** HALF_SHIFT);
  return aHigh * bHigh + Math.floor(middle / 2 ** HALF_SHIFT) + Math.floor(other / 2 ** HALF_SHIFT);
}

/** The 31-bit hash by which kernfs orders names (`kernfs_name_hash`, 64-bit machines). */
export function nameHash(name: string): number {
  let high = 0;
  let low = 0;
  for (let i = 0; i < name.length; i += 1) {
    const c = name.charCodeAt(i) & 0xff;
    const sum = (low + (c << 4) + (c >> 4)) * 11;
    low = sum >>> 0;
    high = (high * 11 + (sum - low) / WORD) >>> 0;
  }
  const upper =
    Math.imul(high, GOLDEN_LOW) + Math.imul(low, GOLDEN_HIGH) + upperProduct(low, GOLDEN_LOW);
  const folded = (upper >>> 0) & HASH_MAX;
  // 0, 1 and the top value are reserved for ".", ".." and the end of the directory.
  if (folded < 2) return folded + 2;
  return folded === HASH_MAX ? HASH_MAX - 1 : folded;
}

/** Below this many names, a hash and an index fit in the 53 bits of a number. */
const MAX_PACKED = 2 ** 22;

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A new list in sysfs order. */
export function sortAsSysfs(names: readonly string[]): string[] {
  if (names.length >= MAX_PACKED)
    return [...names].sort((a, b) => nameHash(a) - nameHash(b) || byName(a, b));
  // Numbers in a typed array sort without a comparison function, ten times as fast.
  const keys = new Float64Array(names.length);
  for (let index = 0; index < names.length; index += 1)
    keys[index] = nameHash(names[index] ?? '') * MAX_PACKED + index;
  keys.sort();
  return unpack(names, keys);
}

/** Names of one hash come in their own order; there are rarely more than two. */
function unpack(names: readonly string[], keys: Float64Array): string[] {
  const sorted = new Array<string>(keys.length);
  let start = 0;
  let hash = -1;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] ?? 0;
    const own = Math.floor(key / MAX_PACKED);
    sorted[at] = names[key - own * MAX_PACKED] ?? '';
    if (own === hash) continue;
    if (at - start > 1) orderByName(sorted, start, at);
    start = at;
    hash = own;
  }
  if (keys.length - start > 1) orderByName(sorted, start, keys.length);
  return sorted;
}

function orderByName(sorted: string[], start: number, end: number): void {
  const ordered = sorted.slice(start, end).sort(byName);
  for (const [index, name] of ordered.entries()) sorted[start + index] = name;
}
