/**
 * Sizes: the page, and how people and machine files write bytes and durations.
 */
/** PAGE_SIZE of x86-64. */
export const PAGE_SIZE = 4096;

const UNITS: Readonly<Record<string, number>> = { '': 0, K: 10, M: 20, G: 30, T: 40, P: 50 };

/**
 * The bytes of `4GiB`, `256MiB`, `4G`, `0x190000000`, `4096`; undefined if the text is none of
 * these or not a safe integer. `4G` is 4 GiB, as for the kernel's `mem=4G` and for `cxl
 * create-region -s 4G`. `4GB` is refused: to some it is 4,000,000,000, which no CXL device can
 * have, to others 4 GiB, and a wrong guess shows late.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(0[xX][0-9a-fA-F]{1,16}|\d{1,20})\s*(?:([KMGTP])(?:iB)?|B)?$/.exec(text.trim());
  if (!match) return undefined;
  const shift = UNITS[match[2] ?? ''] ?? 0;
  return safeNumber(BigInt(match[1] ?? '') << BigInt(shift));
}

const NEARLY_A_SIZE = /^(0[xX][0-9a-fA-F]{1,16}|\d{1,20})\s*([kmgtp])(i?b)?$/i;

/**
 * How the size in `text` that parseSize refuses was probably meant: `4GiB` for `4GB` and `4 gb`.
 */
export function meantSize(text: string): string | undefined {
  const match = NEARLY_A_SIZE.exec(text.trim());
  const meant = match === null ? undefined : `${match[1]}${match[2]?.toUpperCase()}iB`;
  return meant !== undefined && parseSize(meant) !== undefined ? meant : undefined;
}

/** The milliseconds of `100`, `100ms`, `2s`; undefined if the text is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s)?$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

export function safeNumber(value: bigint): number | undefined {
  return value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

const NAMES: readonly (readonly [string, number])[] = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];

/** The bytes as parseSize reads them again, none lost: `4GiB`, else hex. */
export function exactSize(bytes: number): string {
  const unit = NAMES.find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit === undefined ? `0x${bytes.toString(16)}` : `${bytes / unit[1]}${unit[0]}`;
}

const SPACED_NAMES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** The bytes for a person to read, with at most two decimals: `4 GiB`, `1.97 GiB`. */
export function roundedSize(bytes: number): string {
  const power =
    bytes < 1 ? 0 : Math.min(SPACED_NAMES.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 2 ** (10 * power)).toFixed(2))} ${SPACED_NAMES[power]}`;
}

export function roundUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

/** Math.max() of any number of values: a call takes only some ten thousand arguments. */
export function largest(values: Iterable<number>, least: number): number {
  let found = least;
  for (const value of values) found = Math.max(found, value);
  return found;
}
