/**
 * The kernel's number and list formats. Each names the printk format or function it equals.
 */

/** `%#llx`: `0x` and lower-case hex; zero prints `0x0` in the kernel. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** `%pa` of a 64-bit resource: `0x` and 16 hex digits. */
export function paddedHex(value: number | bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}

/** `%*pbl` of a bit mask: `0-1,3`; empty for none. `ids` ascending. */
export function rangeList(ids: Iterable<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last !== undefined && last.last === id - 1) last.last = id;
    else ranges.push({ first: id, last: id });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

/**
 * Parses what rangeList prints, e.g. of a machine description. Undefined for any other text, and
 * for numbers from `end` on.
 */
export function parseRangeList(text: string, end: number): number[] | undefined {
  const ids: number[] = [];
  if (text === '') return ids;
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    // Parts may repeat each other, but not so often that the list outgrows all that there is.
    if (first > last || last >= end || ids.length + last - first >= end) return undefined;
    for (let id = first; id <= last; id += 1) ids.push(id);
  }
  return ids;
}

const CHUNK_BITS = 32;

/**
 * `%*pb` of a cpu mask of `bits` bits: comma-separated 32-bit words, the highest first and not
 * padded beyond its bits.
 */
export function cpuMask(cpus: Iterable<number>, bits: number): string {
  const words = new Array<number>(Math.max(1, Math.ceil(bits / CHUNK_BITS))).fill(0);
  for (const cpu of cpus) {
    const word = Math.floor(cpu / CHUNK_BITS);
    words[word] = ((words[word] ?? 0) | (1 << (cpu % CHUNK_BITS))) >>> 0;
  }
  const topBits = bits % CHUNK_BITS || CHUNK_BITS;
  return words
    .map((word, index) =>
      word
        .toString(16)
        .padStart(Math.ceil((index === words.length - 1 ? topBits : CHUNK_BITS) / 4), '0'),
    )
    .reverse()
    .join(',');
}
