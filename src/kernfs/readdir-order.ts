/**
 * The order in which sysfs lists a directory: kernfs keeps children in a tree ordered by (hash of the name, name).
 * It matters: `cxl enable-region` tries the drivers of a bus in this order, and the first that accepts wins.
 */
const MASK_64 = 0xffffffffffffffffn;
/** GOLDEN_RATIO_64 of `include/linux/hash.h`. */
const GOLDEN_RATIO_64 = 0x61c8864680b583ebn;
const HASH_MAX = 0x7fffffffn;

const cache = new Map<string, number>();

/** The 31-bit hash by which kernfs orders names (`kernfs_name_hash`, 64-bit machines). */
export function nameHash(name: string): number {
  const known = cache.get(name);
  if (known !== undefined) return known;
  let hash = 0n;
  for (let i = 0; i < name.length; i += 1) {
    const c = BigInt(name.charCodeAt(i) & 0xff);
    hash = ((hash + (c << 4n) + (c >> 4n)) * 11n) & MASK_64;
  }
  let folded = (((hash * GOLDEN_RATIO_64) & MASK_64) >> 32n) & HASH_MAX;
  // 0, 1 and the top value are reserved for ".", ".." and the end of the directory.
  if (folded < 2n) folded += 2n;
  if (folded >= HASH_MAX) folded = HASH_MAX - 1n;
  const result = Number(folded);
  if (cache.size < 65536) cache.set(name, result);
  return result;
}

export function sortAsSysfs(names: string[]): string[] {
  const hashes = new Map(names.map((name) => [name, nameHash(name)]));
  const hashOf = (name: string): number => hashes.get(name) ?? 0;
  return names.sort((a, b) => hashOf(a) - hashOf(b) || (a < b ? -1 : a > b ? 1 : 0));
}
