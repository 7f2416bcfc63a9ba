/**
 * The memory blocks among the names in a directory.
 */
const PREFIX = 'memory';
const NUMBER = /^\d+$/;

/** The numbers of the entries `memoryN`, ascending. */
export function blockIds(names: readonly string[]): number[] {
  const ids: number[] = [];
  for (const name of names) {
    if (!name.startsWith(PREFIX)) continue;
    const digits = name.slice(PREFIX.length);
    if (NUMBER.test(digits)) ids.push(Number(digits));
  }
  return isAscending(ids) ? ids : ids.sort((one, other) => one - other);
}

function isAscending(ids: readonly number[]): boolean {
  return ids.every((id, index) => index === 0 || (ids[index - 1] ?? 0) <= id);
}
