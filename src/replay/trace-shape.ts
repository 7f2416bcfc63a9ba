/**
 * The types of what a recording holds, as data: a recording comes from anywhere, and what replays
 * it trusts its types. Fields that are not listed may hold anything.
 */
import { ONLINE_TYPES } from '../mm/hotplug/online-type.ts';
import { ABI_PROFILES } from '../platform/profiles/index.ts';

/**
 * What is wrong with a value, or undefined. `path`: where in the value, empty for the value itself.
 */
interface Mistake {
  readonly path: string;
  readonly wanted: string;
}

export type Shape = (value: unknown) => Mistake | undefined;

const ofType =
  (type: 'string' | 'number' | 'boolean', wanted: string): Shape =>
  (value) =>
    typeof value === type ? undefined : { path: '', wanted };

const text = ofType('string', 'a string');
const number = ofType('number', 'a number');
const flag = ofType('boolean', 'true or false');

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const oneOf =
  (words: readonly string[]): Shape =>
  (value) =>
    typeof value === 'string' && words.includes(value)
      ? undefined
      : { path: '', wanted: `one of ${words.join(', ')}` };

const either =
  (one: Shape, other: Shape): Shape =>
  (value) => {
    const mistake = one(value);
    const also = mistake && other(value);
    return also && { path: '', wanted: `${mistake.wanted} or ${also.wanted}` };
  };

const nothing: Shape = (value) => (value === null ? undefined : { path: '', wanted: 'null' });

function within(key: string, mistake: Mistake): Mistake {
  return { ...mistake, path: mistake.path === '' ? key : `${key}.${mistake.path}` };
}

function firstMistake(
  entries: Iterable<readonly [key: string, value: unknown, shape: Shape]>,
): Mistake | undefined {
  for (const [key, value, shape] of entries) {
    const mistake = shape(value);
    if (mistake !== undefined) return within(key, mistake);
  }
  return undefined;
}

const list =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value)
      ? firstMistake(value.map((each, index) => [`${index}`, each, shape] as const))
      : { path: '', wanted: 'a list' };

/** An object whose keys are free. */
const each =
  (shape: Shape): Shape =>
  (value) =>
    isObject(value)
      ? firstMistake(Object.entries(value).map(([key, one]) => [key, one, shape] as const))
      : { path: '', wanted: 'an object' };

/** `PREFIX` and a number. */
const numbered =
  (prefix: string): Shape =>
  (value) =>
    typeof value === 'string' && new RegExp(`^${prefix}\\d+$`).test(value)
      ? undefined
      : { path: '', wanted: `${prefix} and a number` };

/** An object with `needed` fields, and `optional` ones. */
function object(
  needed: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  const must = Object.entries(needed);
  const may = Object.entries(optional);
  return (value) => {
    if (!isObject(value)) return { path: '', wanted: 'an object' };
    return (
      firstMistake(must.map(([key, shape]) => [key, value[key], shape] as const)) ??
      firstMistake(
        may
          .filter(([key]) => value[key] !== undefined)
          .map(([key, shape]) => [key, value[key], shape] as const),
      )
    );
  };
}

/** What a `partial` tree holds: the text is the grep command that selected the paths. */
export function partialPattern(partial: string): RegExp {
  const match = /^grep (?:-E )?"?([^"]*)"?$/.exec(partial);
  return new RegExp(match?.[1] ?? partial);
}

const pattern: Shape = (value) => {
  try {
    if (typeof value === 'string') return void partialPattern(value);
  } catch {
    // Said below.
  }
  return { path: '', wanted: 'a regular expression' };
};

const texts = list(text);

const device = object({ pci: text }, { serial: text, endpoint: numbered('endpoint') });
const memoryDeviceName = numbered('mem');

/** By `memN`. */
const names: Shape = (value) =>
  each(device)(value) ??
  firstMistake(Object.keys(value as object).map((name) => [name, name, memoryDeviceName] as const));

const node = object(
  { t: oneOf(['dir', 'link', 'file', 'absent']) },
  { mode: text, to: text, data: text, errno: text, at: text },
);
const nodes = each(node);
const zones = { state: text, valid_zones: texts };
const figure = either(text, number);

export const HEADER_SHAPE = object(
  {
    trace: text,
    abi: oneOf(ABI_PROFILES),
    topology: text,
    boot: object(
      {
        auto_online_blocks: oneOf(ONLINE_TYPES),
        memmap_on_memory: oneOf(['N', 'Y', 'force']),
      },
      {
        online_policy: oneOf(['contig-zones', 'auto-movable']),
        modules: either(text, texts),
        cpuid_hypervisor: flag,
      },
    ),
  },
  {
    names,
    watch: each(either(text, object({ roots: texts }, { plus: text }))),
    seed: number,
  },
);

const ACCESS = { errno: text, at: text, offset: number, held_fd: flag };

/** The header of a raw record. */
export const ROOTS_SHAPE = object({}, { roots: texts });

/** By the `op` of a step. */
export const STEP_SHAPES = {
  write: object(
    { path: text, data: text },
    { ...ACCESS, result: oneOf(['ok', 'unrecorded']), ret: number, env: flag },
  ),
  read: object({ path: text }, { ...ACCESS, data: text, volatile: flag }),
  run: object(
    { kind: oneOf(['cli', 'shell', 'module', 'probe']), argv: text },
    { status: number, stdout: text, stderr: text, env: flag, volatile: flag, background: flag },
  ),
  uevents: object({
    events: list(object({ action: text, devpath: text, subsystem: text, env: each(text) })),
  }),
  delta: object(
    { scope: text, add: nodes, change: nodes, remove: texts },
    { late: either(text, texts), racy: flag },
  ),
  state: object(
    {},
    {
      blocks: each(
        either(nothing, object({ ...zones, node: number }, { online: figure, removable: figure })),
      ),
      blocks_complete: flag,
      block_summary: list(object({ ...zones, count: number })),
      iomem: texts,
      iomem_full: texts,
      iomem_head: texts,
      zones: list(
        object({ node: number, zone: text, present: number, managed: number }, { spanned: number }),
      ),
      nodes: each(text),
      dev: each(either(nothing, text)),
      dev_full: each(text),
      resync: flag,
      racy: flag,
    },
  ),
  tree: object({ root: text, nodes }, { partial: pattern }),
  dmesg: object({ lines: texts }),
} as const satisfies Readonly<Record<string, Shape>>;

/** Undefined for an `op` that this version does not know. */
export function stepShape(op: unknown): Shape | undefined {
  return typeof op === 'string' && Object.hasOwn(STEP_SHAPES, op)
    ? STEP_SHAPES[op as keyof typeof STEP_SHAPES]
    : undefined;
}

/** In words what is wrong with `value`; undefined: nothing. */
export function mistakeIn(value: unknown, shape: Shape): string | undefined {
  const mistake = shape(value);
  if (mistake === undefined) return undefined;
  return mistake.path === ''
    ? `it must be ${mistake.wanted}`
    : `'${mistake.path}' must be ${mistake.wanted}`;
}
