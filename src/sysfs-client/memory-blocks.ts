/**
 * The memory blocks among the names in a directory.
 */
const BLOCK = /^memory(\d+)$/;

/** The numbers of the entries `memoryN`, ascending. */
export function blockIds(names: readonly string[]): number[] {
  const ids = names.flatMap((name) => BLOCK.exec(name)?.[1] ?? []).map(Number);
  return ids.sort((one, other) => one - other);
}
