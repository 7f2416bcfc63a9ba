/**
 * How a machine description writes numbers: decimal, hex, and sizes with a unit.
 */
const UNITS: Readonly<Record<string, number>> = { '': 0, K: 10, M: 20, G: 30, T: 40, P: 50 };

/** The bytes of `4GiB`, `256MiB`, `0x190000000`, `4096`; undefined if the text is none of these or not a safe integer. */
export function parseSize(text: string): number | undefined {
  const match = /^(0[xX][0-9a-fA-F]+|\d+)\s*(?:([KMGTP])(?:i?B)?|B)?$/.exec(text.trim());
  if (!match) return undefined;
  const shift = UNITS[match[2] ?? ''] ?? 0;
  return safeNumber(BigInt(match[1] ?? '') << BigInt(shift));
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

/** The bytes as a person writes them: `4GiB`, else hex. */
export function formatSize(bytes: number): string {
  const unit = NAMES.find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit === undefined ? `0x${bytes.toString(16)}` : `${bytes / unit[1]}${unit[0]}`;
}

export function roundUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}
