/**
 * The nodes of a kernfs tree: directories, attribute files and links. Everything else of this
 * folder works on them: `open-file.ts` has the rules of open, read and write, `attribute.ts` makes
 * files of tables, `resolve.ts` walks paths, `parse.ts` and `format.ts` are the kernel's readers
 * and writers of text. The tree knows no Linux subsystem.
 *
 * Ownership:
 * - A directory owns its children; a node has one parent, set when it is added, and never moves.
 *   Only the owner of a directory adds to it and removes from it.
 * - Children of a source (`ChildSource`) belong to the source. The directory holds them weakly, so
 *   they live as long as something else holds them: a number that FUSE gave out, an open file.
 * - Removal is final: a removed node and all below it stay inactive, and a new node of the same
 *   name is another node. Who holds the old one has a valid object that answers ENODEV (kernfs
 *   active references).
 * - A link names its target and does not keep it: it may lead nowhere.
 * - A file owns nothing. Its text comes from `show` and goes to `store`, which the owner passed in;
 *   a descriptor owns the text that it read (`OpenFile`), as a seq_file does.
 *
 * Byte strings: contents and names are strings of code points 0 to 255, one a byte.
 */
import { KernelError } from '../errno.ts';
import { sortAsSysfs } from './readdir-order.ts';
import type { Source } from './source.ts';

export type KernfsNode = KernfsDirectory | KernfsFile | KernfsLink;

abstract class Node {
  readonly name: string;
  mode: number;
  uid = 0;
  gid = 0;
  parent: KernfsDirectory | undefined;
  private removed = false;

  constructor(name: string, mode: number) {
    this.name = name;
    this.mode = mode;
  }

  /** False once this node, or a directory above it, was removed. */
  get active(): boolean {
    return !this.removed && (this.parent === undefined || this.parent.active);
  }

  /** @internal */
  markRemoved(): void {
    this.removed = true;
  }
}

/**
 * Children that are made when somebody looks: a host may have half a million memory blocks, and
 * most of them are never looked at. `lookup` makes a fresh node; the directory remembers it only as
 * long as something else holds it.
 */
export interface ChildSource {
  lookup(name: string): KernfsNode | undefined;
  names(): Iterable<string>;
  /** What all its nodes are, if they are alike: a listing then needs not make them. */
  readonly kind?: KernfsNode['kind'];
  /** A made child lives as long as its directory, which was itself made on lookup. */
  readonly keeps?: boolean;
}

/**
 * Nodes that something else holds, by name. One that is no longer held is forgotten, and its entry
 * some time later.
 */
class HeldNodes {
  private readonly byName = new Map<string, WeakRef<KernfsNode>>();
  private sweepAt = 1024;

  get(name: string): KernfsNode | undefined {
    return this.byName.get(name)?.deref();
  }

  set(name: string, node: KernfsNode): void {
    this.byName.set(name, new WeakRef(node));
    if (this.byName.size >= this.sweepAt) this.sweep();
  }

  delete(name: string): void {
    this.byName.delete(name);
  }

  *nodes(): Iterable<KernfsNode> {
    for (const held of this.byName.values()) {
      const node = held.deref();
      if (node !== undefined) yield node;
    }
  }

  /** Each time when the entries have doubled: little work for each of them. */
  private sweep(): void {
    for (const [name, held] of this.byName)
      if (held.deref() === undefined) this.byName.delete(name);
    this.sweepAt = Math.max(1024, 2 * this.byName.size);
  }
}

export class KernfsDirectory extends Node {
  readonly kind = 'directory';
  private readonly children = new Map<string, KernfsNode>();
  /** Absent in the many directories that have none. */
  private sources: ChildSource[] | undefined;
  private sourced: HeldNodes | undefined;

  constructor(name: string, mode = 0o755) {
    super(name, mode);
  }

  lookup(name: string): KernfsNode | undefined {
    return this.children.get(name) ?? this.lookupSourced(name);
  }

  /** What the listed child `name` is; its node is made only if nothing else tells. */
  kindOf(name: string): KernfsNode['kind'] | undefined {
    const only = this.sources?.length === 1 ? this.sources[0] : undefined;
    return this.children.get(name)?.kind ?? only?.kind ?? this.lookup(name)?.kind;
  }

  private lookupSourced(name: string): KernfsNode | undefined {
    if (this.sources === undefined) return undefined;
    const held = this.sourced?.get(name);
    if (held?.active) return held;
    for (const source of this.sources) {
      const node = source.lookup(name);
      if (node === undefined) continue;
      node.parent = this;
      if (source.keeps) {
        this.children.set(name, node);
        return node;
      }
      this.sourced ??= new HeldNodes();
      this.sourced.set(name, node);
      return node;
    }
    return undefined;
  }

  /** Adds `node`. EEXIST if the name is taken (`sysfs_warn_dup`). */
  add<T extends KernfsNode>(node: T): T {
    if (this.children.has(node.name)) {
      throw new KernelError('EEXIST', `duplicate name '${node.name}' in ${pathOf(this)}`);
    }
    node.parent = this;
    this.children.set(node.name, node);
    return node;
  }

  /**
   * Removes the child and all below it; an absent name is not an error, as in
   * `kernfs_remove_by_name` users.
   */
  remove(name: string): void {
    const node = this.children.get(name);
    if (node === undefined) return;
    this.children.delete(name);
    node.markRemoved();
    this.tellRemoved(node);
  }

  addSource(source: ChildSource): void {
    this.sources ??= [];
    this.sources.push(source);
  }

  /** Tells that a node which a source made is gone: those who still hold it see it inactive. */
  dropSourced(name: string): void {
    const node = this.sourced?.get(name);
    this.sourced?.delete(name);
    if (node === undefined) return;
    node.markRemoved();
    this.tellRemoved(node);
  }

  private tellRemoved(node: KernfsNode): void {
    let top: KernfsDirectory = this;
    while (top.parent !== undefined) top = top.parent;
    if (top instanceof KernfsRoot) top.onRemove?.(node);
  }

  /** The children that exist as nodes: those of a source only while something holds them. */
  *made(): Iterable<KernfsNode> {
    yield* this.children.values();
    if (this.sourced !== undefined) yield* this.sourced.nodes();
  }

  /** All names, in no useful order. */
  *names(): Iterable<string> {
    yield* this.children.keys();
    for (const source of this.sources ?? []) {
      for (const name of source.names()) if (!source.keeps || !this.children.has(name)) yield name;
    }
  }

  /** All names in the order in which sysfs lists them: by name hash. */
  sortedNames(): string[] {
    return sortAsSysfs([...this.names()]);
  }

  /** A new sub-directory. EEXIST if the name is taken. */
  addDirectory(name: string): KernfsDirectory {
    return this.add(new KernfsDirectory(name));
  }

  /** The sub-directory `name`, made if it is missing. */
  ensureDirectory(name: string): KernfsDirectory {
    const existing = this.children.get(name);
    if (existing === undefined) return this.add(new KernfsDirectory(name));
    if (existing.kind !== 'directory')
      throw new KernelError('EEXIST', `${pathOf(existing)} is not a directory`);
    return existing;
  }
}

/** The top of a tree, which tells whoever serves the tree what is taken out of it. */
export class KernfsRoot extends KernfsDirectory {
  /** Called when `node`, and with it all below it, has been removed. */
  onRemove: ((node: KernfsNode) => void) | undefined;

  constructor() {
    super('');
  }
}

/** One open of a file that is not a text with a place in it, but a conversation. */
export interface FileStream {
  /** At most `size` bytes. Throws KernelError to fail the read. */
  read(size: number): string;
  /** The count taken. Throws KernelError to refuse. */
  write(text: string): number;
  /** Nothing refers to the open file any longer. */
  close(): void;
}

export interface FileContent {
  /**
   * The whole content, below one page. Throws KernelError to fail the read. Absent: reading gives
   * EACCES at open.
   */
  show?: (() => string) | undefined;
  /**
   * Takes what one write(2) carried. Throws KernelError to refuse. Absent: opening for writing
   * gives EACCES.
   */
  store?: ((text: string) => void) | undefined;
  /** In place of both: called at each open. Throws KernelError to refuse it. */
  stream?: (() => FileStream) | undefined;
  readonly source?: Source | undefined;
}

export interface FileOptions {
  /**
   * A file without the one-page limit and the page-sized st_size of a text attribute: a /proc file,
   * CDAT.
   */
  readonly binary?: boolean;
  /** st_size to report; a text attribute reports one page. */
  readonly size?: number;
  /** A write of no bytes reaches `store`, as with a debugfs attribute (`simple_attr_write`). */
  readonly storesEmpty?: boolean;
}

/** One for all: a large machine has a few hundred thousand files. */
const NO_OPTIONS: FileOptions = {};

export class KernfsFile extends Node {
  readonly kind = 'file';
  readonly content: FileContent;
  readonly options: FileOptions;
  private events = 1;
  private watchers: Set<() => void> | undefined;

  constructor(name: string, mode: number, content: FileContent, options: FileOptions = NO_OPTIONS) {
    super(name, mode);
    this.content = content;
    this.options = options;
  }

  /**
   * Counts notifications, from 1: a descriptor that never read sees an event at once
   * (`kernfs_generic_poll`).
   */
  get eventCount(): number {
    return this.events;
  }

  /** sysfs_notify(): wakes pollers with POLLERR|POLLPRI. */
  notify(): void {
    this.events += 1;
    for (const wake of [...(this.watchers ?? [])]) wake();
  }

  /** Calls `wake` on each notification until the returned function is called. */
  watch(wake: () => void): () => void {
    this.watchers ??= new Set();
    this.watchers.add(wake);
    return () => this.watchers?.delete(wake);
  }
}

/** A node of the same tree, or what gives the text. */
type LinkTarget = KernfsDirectory | KernfsFile | (() => string);

export class KernfsLink extends Node {
  readonly kind = 'link';
  readonly source: Source | undefined;
  private readonly target: LinkTarget;

  constructor(name: string, target: LinkTarget, source?: Source) {
    super(name, 0o777);
    this.target = target;
    this.source = source;
  }

  /** The text of the link, relative to its own directory. */
  read(): string {
    const { target } = this;
    return typeof target === 'function' ? target() : relativePath(this.parent, target);
  }
}

/**
 * A link to a node of the same tree; its text is computed from where both stand
 * (`sysfs_create_link`).
 */
export function linkTo(
  name: string,
  target: KernfsDirectory | KernfsFile,
  source?: Source,
): KernfsLink {
  return new KernfsLink(name, target, source);
}

/** The path below the root of the tree, "/" for the root itself. */
export function pathOf(node: KernfsNode): string {
  return `/${ancestry(node)
    .map((each) => each.name)
    .join('/')}`;
}

function ancestry(node: KernfsNode): KernfsNode[] {
  const chain: KernfsNode[] = [];
  for (let at: KernfsNode | undefined = node; at?.parent !== undefined; at = at.parent)
    chain.unshift(at);
  return chain;
}

function relativePath(from: KernfsDirectory | undefined, to: KernfsNode): string {
  if (from === undefined) return pathOf(to);
  const up = ancestry(from);
  const down = ancestry(to);
  let common = 0;
  // kernfs_get_target_path(): the common ancestor is one of the target's parents, never the target
  // itself.
  while (common < up.length && common < down.length - 1 && up[common] === down[common]) common += 1;
  return [...up.slice(common).map(() => '..'), ...down.slice(common).map((each) => each.name)].join(
    '/',
  );
}
