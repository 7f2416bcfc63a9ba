/**
 * The values of a YAML document as plain data, and where in the text each of them stands. Aliases
 * stand for what their anchor names, `<<` for the keys of other maps; a key with nothing after it
 * counts as not written.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type ParsedNode,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { DocumentPath } from './error.ts';
import { LIMITS } from './limits.ts';

/** What is wrong at an offset of the text. */
export interface ValueFault {
  readonly offset: number;
  readonly message: string;
}

interface Place {
  readonly key: number | undefined;
  readonly value: number;
}

/** A value, and how many keys and items it has in it when all aliases are written out. */
interface Converted {
  readonly value: unknown;
  readonly count: number;
}

const NOTHING: Converted = { value: null, count: 1 };

function offsetOf(node: Node | null | undefined, fallback = 0): number {
  return node?.range?.[0] ?? fallback;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.value === '<<';
}

/** The text is too much to go on with. */
class TooMuch extends Error {}

class Converter {
  readonly faults: ValueFault[] = [];
  private readonly places = new WeakMap<object, Map<string | number, Place>>();
  /** What anchors name so far; undefined while it is being read. */
  private readonly anchors = new Map<string, Converted | undefined>();
  private written = 0;

  convert(node: Node | null | undefined): Converted {
    if (node === null || node === undefined) return NOTHING;
    if (isAlias(node)) return this.alias(node);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const converted = this.plain(node);
    if (anchor !== undefined) this.anchors.set(anchor, converted);
    return converted;
  }

  private plain(node: Node): Converted {
    if (isMap(node)) return this.map(node);
    if (isSeq(node)) return this.list(node);
    return { value: isScalar(node) ? node.value : null, count: 1 };
  }

  /** The same object each time: what it stands for is counted again, not made again. */
  private alias(node: Alias): Converted {
    const named = this.anchors.get(node.source);
    if (named !== undefined) {
      this.count(named.count, offsetOf(node));
      return named;
    }
    const why = this.anchors.has(node.source)
      ? `found the alias '*${node.source}' inside the part that it names, expected a part that ends before it`
      : `found the alias '*${node.source}', expected an anchor '&${node.source}' before it`;
    this.faults.push({ offset: offsetOf(node), message: why });
    return NOTHING;
  }

  private count(values: number, offset: number): void {
    this.written += values;
    if (this.written <= LIMITS.values) return;
    const message = `found more than ${LIMITS.values} values, expected fewer: aliases count as what they stand for`;
    this.faults.push({ offset, message });
    throw new TooMuch();
  }

  private list(node: YAMLSeq): Converted {
    const places = new Map<string | number, Place>();
    const value: unknown[] = [];
    let count = 1;
    for (const item of node.items as (Node | null)[]) {
      this.count(1, offsetOf(item, offsetOf(node)));
      const converted = this.convert(item);
      places.set(value.length, { key: undefined, value: offsetOf(item, offsetOf(node)) });
      value.push(converted.value);
      count += converted.count;
    }
    this.places.set(value, places);
    return { value, count };
  }

  private map(node: YAMLMap): Converted {
    const values = new Map<string, unknown>();
    const places = new Map<string | number, Place>();
    const seen = new Set<string>();
    let count = 1;
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = isAlias(pair.key) ? null : pair.key;
      this.count(1, offsetOf(pair.key, offsetOf(node)));
      if (isMergeKey(key)) {
        count += this.merge(pair.value, values, places);
        continue;
      }
      const name = this.keyName(pair.key, node);
      const { value, count: below } = this.convert(pair.value);
      count += below;
      if (name === undefined) continue;
      if (seen.has(name)) {
        const message = `found the key '${name}' a second time, expected it once in a map`;
        this.faults.push({ offset: offsetOf(pair.key), message });
      }
      seen.add(name);
      const at = offsetOf(pair.key, offsetOf(node));
      places.set(name, { key: at, value: offsetOf(pair.value, at) });
      values.set(name, value);
    }
    const value = Object.fromEntries([...values].filter(([, each]) => each !== null));
    this.places.set(value, places);
    return { value, count };
  }

  private keyName(key: Node | null, map: Node): string | undefined {
    const { value } = isScalar(key) || isAlias(key) ? this.convert(key) : { value: key };
    if (key === null || value === null) return '';
    // The language treats this one key of an object unlike all others.
    if (typeof value === 'object' || value === '__proto__') {
      const what = typeof value === 'object' ? 'a list or map as key' : "the key '__proto__'";
      const message = `found ${what}, expected another name`;
      this.faults.push({ offset: offsetOf(key, offsetOf(map)), message });
      return undefined;
    }
    return String(value);
  }

  /**
   * Adds the keys that are not there yet: the map's own win, then the first source. Gives how many
   * values the sources have.
   */
  private merge(
    node: Node | null,
    into: Map<string, unknown>,
    places: Map<string | number, Place>,
  ): number {
    const { value, count } = this.convert(node);
    for (const source of Array.isArray(value) ? value : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        const message =
          'found something other than a map at <<, expected a map, an alias of a map, or a list of them';
        this.faults.push({ offset: offsetOf(node), message });
        return count;
      }
      for (const [name, each] of Object.entries(source)) {
        if (into.has(name)) continue;
        into.set(name, each);
        const place = this.places.get(source)?.get(name);
        if (place !== undefined) places.set(name, place);
      }
    }
    return count;
  }

  placeOf(root: unknown, path: DocumentPath): Place | undefined {
    let at = root;
    let place: Place | undefined;
    for (const part of path) {
      if (typeof at !== 'object' || at === null) break;
      const next = this.places.get(at)?.get(part);
      if (next === undefined) break;
      place = next;
      at = Reflect.get(at, part);
    }
    return place;
  }
}

export interface DocumentValues {
  readonly value: unknown;
  readonly faults: readonly ValueFault[];
  /** Of the deepest part of `path` that the text has: a missing key is reported at its map. */
  offsetOf(path: DocumentPath, atKey: boolean): number;
}

/** Never throws. With faults the value is not to be used. */
export function documentValues(document: Document.Parsed<ParsedNode> | undefined): DocumentValues {
  const converter = new Converter();
  let root: unknown;
  try {
    root = converter.convert(document?.contents).value;
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
  }
  const start = offsetOf(document?.contents);
  return {
    value: root ?? {},
    faults: converter.faults,
    offsetOf: (path, atKey) => {
      const place = converter.placeOf(root, path);
      return (atKey ? (place?.key ?? place?.value) : place?.value) ?? start;
    },
  };
}
