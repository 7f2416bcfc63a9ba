/**
 * Repeated parts of a machine description: a list item, or the value of a map's key, with `repeat:
 * {counter: N, ...}` stands for as many as its counters have combinations, the last counter
 * fastest. Every text in it, and the key, may name the counters (`template.ts`). An item that is no
 * map is written under `each`.
 */
import type { DocumentPath, Finding } from './error.ts';
import { LIMITS } from './limits.ts';
import { type Counters, fill, fillText, TemplateError } from './template.ts';

type DocumentMap = Readonly<Record<string, unknown>>;

/** A document with its repetitions written out, and where each part of it came from. */
export interface Expanded {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** The place in the document as written of a place in `value`. */
  sourceOf(path: DocumentPath): DocumentPath;
}

/** As many characters weigh as much as a value. */
const TEXT_OF_A_VALUE = 32;
const MAX_COUNTERS = 16;
const NO_COUNTERS: Counters = new Map();

function isMap(value: unknown): value is DocumentMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRepeated(value: unknown): value is DocumentMap {
  return isMap(value) && 'repeat' in value;
}

/** The counts of `repeat`, or undefined if it is not a map of counts. */
function countsOf(repeat: unknown): (readonly [string, number])[] | undefined {
  if (!isMap(repeat)) return undefined;
  const counts = Object.entries(repeat).map(([name, count]) => [name, Number(count)] as const);
  const good = counts.every(
    ([name, count]) => /^[A-Za-z_]\w*$/.test(name) && Number.isSafeInteger(count) && count > 0,
  );
  const total = counts.reduce((product, [, count]) => product * count, 1);
  return good && counts.length > 0 && counts.length <= MAX_COUNTERS && total <= LIMITS.repetitions
    ? counts
    : undefined;
}

/** All combinations on top of `outer`, the last counter fastest. */
function combinations(outer: Counters, counts: readonly (readonly [string, number])[]): Counters[] {
  return counts.reduce<Counters[]>(
    (all, [name, count]) =>
      all.flatMap((each) =>
        Array.from({ length: count }, (_, at) => new Map([...each, [name, at]])),
      ),
    [outer],
  );
}

/** The repetitions stand for too much to go on with. */
class TooMuch extends Error {}

class Expander {
  private written = 0;

  /** By place and message: a part inside a repetition is met many times. */
  private readonly found = new Map<string, Finding>();
  /**
   * Of a list or map with repetitions: where each entry was written, below the container's own
   * place.
   */
  private readonly origins = new WeakMap<object, ReadonlyMap<string | number, DocumentPath>>();

  get findings(): Finding[] {
    return [...this.found.values()];
  }

  private report(finding: Finding): void {
    this.found.set(`${finding.path.join(' ')} ${finding.message}`, finding);
  }

  /** Undefined where there is too much, which the findings then say. */
  expandAll(document: unknown): unknown {
    try {
      return this.expand(document, NO_COUNTERS, []);
    } catch (error) {
      if (error instanceof TooMuch) return undefined;
      throw error;
    }
  }

  expand(value: unknown, counters: Counters, path: DocumentPath): unknown {
    const text = typeof value === 'string' ? value.length : 0;
    this.count(1 + Math.floor(text / TEXT_OF_A_VALUE), path);
    if (typeof value === 'string')
      return this.filled(path, value, () => fill(value, counters), counters);
    if (Array.isArray(value)) return this.list(value, counters, path);
    return isMap(value) ? this.map(value, counters, path) : value;
  }

  /** Stops where the document would become larger than is allowed. */
  private count(values: number, path: DocumentPath): void {
    this.written += values;
    if (this.written <= LIMITS.values) return;
    const message = `found more than ${LIMITS.values} values in all, expected fewer repetitions`;
    this.report({ path, message });
    throw new TooMuch();
  }

  /** What `make` gives, or the text as it is outside of repetitions and where the text is wrong. */
  private filled<T>(
    path: DocumentPath,
    text: string,
    make: () => T,
    counters: Counters,
  ): T | string {
    if (counters.size === 0) return text;
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      this.report({ path, message: `found ${error.message}` });
      return text;
    }
  }

  /** Every instance of a repeated part, with the path of what was written. */
  private instances(part: DocumentMap, outer: Counters, path: DocumentPath): Counters[] {
    const { repeat } = part;
    const counts = countsOf(repeat);
    if (counts !== undefined) {
      this.count(
        counts.reduce((product, [, count]) => product * count, 1),
        path,
      );
      return combinations(outer, counts);
    }
    this.report({
      path: [...path, 'repeat'],
      message: `found something other than a map of counters, expected one such as {bridge: 4}, of at most ${LIMITS.repetitions} in all`,
    });
    return [];
  }

  private list(items: readonly unknown[], counters: Counters, path: DocumentPath): unknown[] {
    const expanded: unknown[] = [];
    const origins = new Map<number, DocumentPath>();
    for (const [index, item] of items.entries()) {
      const at = [...path, index];
      if (!isRepeated(item)) {
        origins.set(expanded.length, [index]);
        expanded.push(this.expand(item, counters, at));
        continue;
      }
      const { repeat: _, each: scalar, ...rest } = item;
      const [body, below] = 'each' in item ? [scalar, ['each']] : [rest, []];
      if ('each' in item && Object.keys(rest).length > 0) {
        const message = `found ${Object.keys(rest).join(', ')} beside each, expected nothing but repeat`;
        this.report({ path: at, message });
      }
      for (const each of this.instances(item, counters, at)) {
        origins.set(expanded.length, [index, ...below]);
        expanded.push(this.expand(body, each, [...at, ...below]));
      }
    }
    this.origins.set(expanded, origins);
    return expanded;
  }

  private map(map: DocumentMap, counters: Counters, path: DocumentPath): DocumentMap {
    const expanded = new Map<string, unknown>();
    const origins = new Map<string, DocumentPath>();
    const put = (key: string, value: unknown, each: Counters): void => {
      const at = [...path, key];
      const name = this.filled(at, key, () => fillText(key, each), each);
      // A key that could not be filled in was reported already.
      if (expanded.has(name) && (name !== key || each.size === 0 || !key.includes('{')))
        this.report({
          path: at,
          atKey: true,
          message: `found the key '${name}' a second time, expected a key with all counters in it`,
        });
      origins.set(name, [key]);
      expanded.set(name, this.expand(value, each, at));
    };
    for (const [key, value] of Object.entries(map)) {
      if (!isRepeated(value)) {
        put(key, value, counters);
        continue;
      }
      const { repeat: _, ...body } = value;
      for (const each of this.instances(value, counters, [...path, key])) put(key, body, each);
    }
    const result = Object.fromEntries(expanded);
    this.origins.set(result, origins);
    return result;
  }

  sourceOf(root: unknown, path: DocumentPath): DocumentPath {
    const source: (string | number)[] = [];
    let at = root;
    for (const part of path) {
      const container = typeof at === 'object' && at !== null ? at : undefined;
      source.push(...((container && this.origins.get(container)?.get(part)) ?? [part]));
      at = container === undefined ? undefined : Reflect.get(container, part);
    }
    return source;
  }
}

/** Writes the repetitions of a document out. */
export function expandRepetitions(document: unknown): Expanded {
  const expander = new Expander();
  const value = expander.expandAll(document);
  return { value, findings: expander.findings, sourceOf: (path) => expander.sourceOf(value, path) };
}
