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
 *   they live as long as something else holds them: a number that FUSE gave out, an open file. One
 *   that got a state of its own (a mode, a watcher) is kept: `keep()`.
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
import { HeldNodes } from './held-nodes.ts';
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
    for (let at: Node | undefined = this; at !== undefined; at = at.parent)
      if (at.removed) return false;
    return true;
  }

  /** @internal */
  markRemoved(): void {
    this.removed = true;
  }

  /**
   * What was changed at this node must not be forgotten: its directory holds it from now on, if it
   * was made on lookup, and itself is held by its own.
   */
  keep(): void {
    this.parent?.keepSourced(this.name, this);
    this.parent?.keep();
  }
}

/**
 * Children that are made when somebody looks: a host may have half a million memory blocks and as
 * many attributes, and most of them are never looked at. `lookup` makes a fresh node; the directory
 * remembers it only as long as something else holds it.
 */
export interface ChildSource {
  lookup(name: string): KernfsNode | undefined;
  names(): Iterable<string>;
  /** Tells without making it whether there is such a child, where that is known. */
  has?(name: string): boolean;
  /** The source goes on without this child. Absent: only the source takes children away. */
  drop?(name: string): void;
  /** What all its nodes are, if they are alike: a listing then needs not make them. */
  readonly kind?: KernfsNode['kind'];
  /** A made child lives as long as its directory, which was itself made on lookup. */
  readonly keeps?: boolean;
}

const NO_SOURCES: readonly ChildSource[] = [];
const NO_CHILDREN: ReadonlyMap<string, KernfsNode> = new Map();

export class KernfsDirectory extends Node {
  readonly kind = 'directory';
  /** These three are absent where there are none: there are tens of thousands of directories. */
  private children: Map<string, KernfsNode> | undefined;
  private sources: readonly ChildSource[] | undefined;
  private sourced: HeldNodes | undefined;
  /** A child of a source is among the children too. */
  private doubled = false;

  constructor(name: string, mode = 0o755) {
    super(name, mode);
  }

  lookup(name: string): KernfsNode | undefined {
    return this.children?.get(name) ?? this.lookupSourced(name);
  }

  /** What the listed child `name` is; its node is made only if nothing else tells. */
  kindOf(name: string): KernfsNode['kind'] | undefined {
    const kind = this.children?.get(name)?.kind ?? this.sourceOf(name)?.kind;
    const only = this.sources?.length === 1 ? this.sources[0] : undefined;
    return kind ?? only?.kind ?? this.lookup(name)?.kind;
  }

  /** The source that says that it has `name`. */
  private sourceOf(name: string): ChildSource | undefined {
    for (const source of this.sources ?? NO_SOURCES) if (source.has?.(name)) return source;
    return undefined;
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
        this.doubled = true;
        this.insert(node);
        return node;
      }
      this.sourced ??= new HeldNodes();
      this.sourced.set(name, node);
      return node;
    }
    return undefined;
  }

  private insert(node: KernfsNode): void {
    this.children ??= new Map();
    this.children.set(node.name, node);
  }

  /** Adds `node`. EEXIST if the name is taken (`sysfs_warn_dup`). */
  add<T extends KernfsNode>(node: T): T {
    this.assertFree(node.name);
    node.parent = this;
    this.insert(node);
    // A directory that something was added to cannot be made again.
    this.parent?.keepSourced(this.name, this);
    return node;
  }

  private assertFree(name: string): void {
    if (this.children?.has(name) || this.sourceOf(name) !== undefined)
      throw new KernelError('EEXIST', `duplicate name '${name}' in ${pathOf(this)}`);
  }

  /**
   * Removes the child and all below it; an absent name is not an error, as in
   * `kernfs_remove_by_name` users.
   */
  remove(name: string): void {
    const source = this.sourceOf(name);
    if (source === undefined && !this.children?.has(name)) return;
    source?.drop?.(name);
    this.dropSourced(name);
  }

  /** All names of `source`, if it tells them by `has`, must be free: EEXIST. */
  addSource(source: ChildSource): void {
    if (source.has !== undefined) for (const name of source.names()) this.assertFree(name);
    // Exact: an array that grows by push has room for 16 more.
    this.sources = [...this.sourceList(), source];
  }

  /** Takes away a source and all children that it made. */
  removeSource(source: ChildSource): void {
    if (this.sources?.includes(source) !== true) return;
    this.sources = this.sources.filter((each) => each !== source);
    if (this.children === undefined && this.sourced === undefined) return;
    for (const name of source.names()) this.dropSourced(name);
  }

  sourceList(): readonly ChildSource[] {
    return this.sources ?? NO_SOURCES;
  }

  /** Tells that a node which a source made is gone: those who still hold it see it inactive. */
  dropSourced(name: string): void {
    const node = this.children?.get(name) ?? this.sourced?.get(name);
    this.children?.delete(name);
    this.sourced?.delete(name);
    if (node === undefined) return;
    node.markRemoved();
    this.tellRemoved(node);
  }

  /** @internal */
  keepSourced(name: string, node: Node): void {
    const held = this.sourced?.get(name);
    if (held === undefined || held !== node) return;
    this.sourced?.delete(name);
    this.doubled = true;
    this.insert(held);
    this.keep();
  }

  private tellRemoved(node: KernfsNode): void {
    let top: KernfsDirectory = this;
    while (top.parent !== undefined) top = top.parent;
    if (top instanceof KernfsRoot) top.tell(node);
  }

  /** The children that exist as nodes: those of a source only while something holds them. */
  *made(): Iterable<KernfsNode> {
    yield* (this.children ?? NO_CHILDREN).values();
    if (this.sourced !== undefined) yield* this.sourced.nodes();
  }

  /** All names, in no useful order. */
  *names(): Iterable<string> {
    const children = this.children ?? NO_CHILDREN;
    yield* children.keys();
    for (const source of this.sources ?? NO_SOURCES)
      for (const name of source.names()) if (!children.has(name)) yield name;
  }

  /** All names in the order in which sysfs lists them: by name hash. */
  sortedNames(): string[] {
    const children = this.children ?? NO_CHILDREN;
    const names = [...children.keys()];
    // As names(), without a generator: it would take longer than the sorting.
    for (const source of this.sources ?? NO_SOURCES)
      for (const name of source.names()) if (!this.doubled || !children.has(name)) names.push(name);
    return sortAsSysfs(names);
  }

  /** A new sub-directory. EEXIST if the name is taken. */
  addDirectory(name: string): KernfsDirectory {
    return this.add(new KernfsDirectory(name));
  }

  /** The sub-directory `name`, made if it is missing. */
  ensureDirectory(name: string): KernfsDirectory {
    const existing = this.lookup(name);
    if (existing === undefined) return this.add(new KernfsDirectory(name));
    if (existing.kind !== 'directory')
      throw new KernelError('EEXIST', `${pathOf(existing)} is not a directory`);
    return existing;
  }
}

/** The top of a tree. It tells the server of the tree which nodes are removed. */
export class KernfsRoot extends KernfsDirectory {
  /** Called when `node`, and with it all below it, has been removed. */
  onRemove: ((node: KernfsNode) => void) | undefined;
  /** How often anything was removed: a path that was found is good until then. */
  removals = 0;

  constructor() {
    super('');
  }

  /** @internal */
  tell(node: KernfsNode): void {
    this.removals += 1;
    this.onRemove?.(node);
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
    if (this.watchers !== undefined) for (const wake of [...this.watchers]) wake();
  }

  /** Calls `wake` on each notification until the returned function is called. */
  watch(wake: () => void): () => void {
    this.watchers ??= new Set();
    this.keep();
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

  /**
   * The node to which a walk along the text leads; undefined if only the walk tells, as where the
   * target was removed.
   */
  get node(): KernfsDirectory | KernfsFile | undefined {
    const { target } = this;
    return typeof target !== 'function' && target.active ? target : undefined;
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
