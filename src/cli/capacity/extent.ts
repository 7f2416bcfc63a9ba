/**
 * Extents of dynamic capacity as a fabric manager sees them, and where a new one fits.
 */

export interface Extent {
  /** Bytes from the start of the device's dynamic partition. */
  readonly offset: number;
  readonly length: number;
  /** A uuid: all extents of it are one allocation. */
  readonly tag?: string | undefined;
}

/** The text of debugfs `capacity/memN/extents`. */
export function parseExtents(text: string): Extent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [offset, length, tag] = line.split(' ');
      return {
        offset: Number(offset),
        length: Number(length),
        ...(tag === undefined ? {} : { tag }),
      };
    });
}

/** What `add` and `release` take: extents of one tag. */
export function extentsText(extents: readonly Extent[], ...words: readonly string[]): string {
  const numbers = extents
    .flatMap(({ offset, length }) => [offset, length])
    .map((each) => `0x${each.toString(16)}`);
  const tag = extents[0]?.tag;
  return [...numbers, ...(tag === undefined ? [] : [`tag=${tag}`]), ...words].join(' ');
}

export function overlap(one: Extent, other: Extent): boolean {
  return one.offset < other.offset + other.length && other.offset < one.offset + one.length;
}

/**
 * The lowest offset at which `length` bytes are free of all `taken` (the selection policy "contiguous"); undefined if there
 * is none below `size`.
 */
export function firstFit(
  size: number,
  length: number,
  taken: readonly Extent[],
): number | undefined {
  let offset = 0;
  for (const extent of [...taken].sort((a, b) => a.offset - b.offset)) {
    if (offset + length <= extent.offset) break;
    offset = Math.max(offset, extent.offset + extent.length);
  }
  return offset + length <= size ? offset : undefined;
}

/** Bytes that none of `taken` has; extents that several hosts share count once. */
export function freeBytes(size: number, taken: readonly Extent[]): number {
  let [used, end] = [0, 0];
  for (const { offset, length } of [...taken].sort((a, b) => a.offset - b.offset)) {
    used += Math.max(0, offset + length - Math.max(end, offset));
    end = Math.max(end, offset + length);
  }
  return size - used;
}
