/**
 * st_ino and d_ino: a hash of the path, made link by link from the parent's number. So a listing
 * can give the numbers of children before they are looked up, and stat gives the same ones later.
 * Never 0: readers skip such entries.
 */
const FNV_PRIME = 0x01000193;
const HIGH_BITS = 0x1fffff;
const WORD = 2 ** 32;
/** 1 is the root's. */
const FIRST_FREE = 2;

/** 53 bits from two FNV-1a lanes seeded with the parent's number. */
export function childInodeNumber(parent: number, name: string): number {
  let low = (parent ^ 0x811c9dc5) >>> 0;
  let high = (Math.floor(parent / WORD) ^ 0x9e3779b9) >>> 0;
  for (let i = 0; i < name.length; i += 1) {
    const byte = name.charCodeAt(i);
    low = Math.imul(low ^ byte, FNV_PRIME);
    high = Math.imul(high ^ (byte + i), FNV_PRIME) ^ (low >>> 15);
  }
  const number = (high & HIGH_BITS) * WORD + (low >>> 0);
  return Math.max(number, FIRST_FREE);
}
