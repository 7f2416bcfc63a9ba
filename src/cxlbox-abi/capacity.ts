/**
 * `capacity/memN/`: the fabric manager's side of a device with dynamic capacity, which no host has.
 * Offsets are bytes from the start of the dynamic partition, as in Initiate Dynamic Capacity Add
 * and Release (CXL 3.1, 7.6.7.6.5).
 */
import { hex } from '../kernfs/format.ts';
import { kstrtoull, NULL_UUID, parseUuid } from '../kernfs/parse.ts';
import { type BoxFile, malformed, parseLines, wordsOf } from './box-file.ts';

interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Extent extends Span {
  /** A uuid: all extents of it are one allocation. */
  readonly tag?: string | undefined;
}

/** Extents of one tag, or untagged ones. */
export interface CapacityRequest {
  readonly extents: readonly Span[];
  readonly tag?: string | undefined;
  /** In use or not; only a release can be forced. */
  readonly force: boolean;
}

const TAG = 'tag=';

function formatRequest({ extents, tag, force }: CapacityRequest): string {
  const numbers = extents.flatMap(({ offset, length }) => [hex(offset), hex(length)]);
  const words = [
    ...numbers,
    ...(tag === undefined ? [] : [`${TAG}${tag}`]),
    ...(force ? ['force'] : []),
  ];
  return `${words.join(' ')}\n`;
}

/** The null uuid says that an extent is untagged. EINVAL: no uuid. */
function tagOf(text: string): string | undefined {
  const tag = parseUuid(text);
  return tag === NULL_UUID ? undefined : tag;
}

/** EINVAL: a number is missing or none, no uuid; ERANGE: a number beyond 64 bits. */
function parseRequest(text: string): CapacityRequest {
  const words = wordsOf(text);
  const tagged = words.find((word) => word.startsWith(TAG));
  const tag = tagged === undefined ? undefined : tagOf(tagged.slice(TAG.length));
  const numbers = words
    .filter((word) => word !== tagged && word !== 'force')
    .map((word) => Number(kstrtoull(word)));
  if (numbers.length === 0 || numbers.length % 2 !== 0)
    throw malformed('OFFSET LENGTH, in bytes, is expected');
  const extents = numbers.flatMap((offset, index): Span[] =>
    index % 2 === 0 ? [{ offset, length: numbers[index + 1] ?? 0 }] : [],
  );
  return { extents, ...(tag === undefined ? {} : { tag }), force: words.includes('force') };
}

const request = { mode: 0o200, page: 'dynamic-capacity.md', format: formatRequest } as const;

export const CAPACITY_ADD: BoxFile<CapacityRequest> = {
  ...request,
  path: 'capacity/memN/add',
  content: '`OFFSET LENGTH [OFFSET LENGTH ...] [tag=UUID]`',
  parse: (text) => {
    const parsed = parseRequest(text);
    if (parsed.force) throw malformed('only a release can be forced');
    return parsed;
  },
};

export const CAPACITY_RELEASE: BoxFile<CapacityRequest> = {
  ...request,
  path: 'capacity/memN/release',
  content: '`OFFSET LENGTH [OFFSET LENGTH ...] [tag=UUID] [force]`',
  parse: parseRequest,
};

export const CAPACITY_EXTENTS: BoxFile<readonly Extent[]> = {
  path: 'capacity/memN/extents',
  mode: 0o400,
  content: 'a line for each extent of the host: `OFFSET LENGTH [UUID]`',
  page: 'dynamic-capacity.md',
  format: (extents) =>
    extents
      .map(
        ({ offset, length, tag }) =>
          `${[hex(offset), hex(length), tag ?? ''].join(' ').trimEnd()}\n`,
      )
      .join(''),
  parse: (text) =>
    parseLines(text, 'OFFSET LENGTH [UUID]', (line) => {
      const [, offset, length, tag] =
        /^(0x[0-9a-f]+) (0x[0-9a-f]+)(?: ([0-9a-f-]+))?$/.exec(line) ?? [];
      if (offset === undefined) return undefined;
      return {
        offset: Number(offset),
        length: Number(length),
        ...(tag === undefined ? {} : { tag }),
      };
    }),
};
