/**
 * Physical address resources: the tree of /proc/iomem (`kernel/resource.c`, 7.2).
 *
 * Siblings never overlap and are ordered by address; a child lies inside its parent.
 */
import { KernelError } from '../errno.ts';

export class Resource {
  readonly name: string;
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
  /** IORESOURCE_BUSY: no part of it can be requested. */
  busy: boolean;
  /** IORESOURCE_SYSRAM_DRIVER_MANAGED */
  readonly driverManaged: boolean;
  parent: Resource | undefined;
  /** Ordered by address. */
  children: Resource[] = [];

  constructor(name: string, start: number, end: number, busy = false, driverManaged = false) {
    this.name = name;
    this.start = start;
    this.end = end;
    this.busy = busy;
    this.driverManaged = driverManaged;
  }

  get size(): number {
    return this.end - this.start + 1;
  }

  contains(other: { readonly start: number; readonly end: number }): boolean {
    return this.start <= other.start && other.end <= this.end;
  }

  overlaps(other: { readonly start: number; readonly end: number }): boolean {
    return this.start <= other.end && other.start <= this.end;
  }
}

export interface InsertOptions {
  /** Where to start; absent: the root. */
  readonly parent?: Resource | undefined;
  readonly busy?: boolean | undefined;
}

export interface RequestOptions {
  /** Absent: true. */
  readonly busy?: boolean | undefined;
  readonly driverManaged?: boolean | undefined;
}

/** /proc/iomem shows at most this many levels. */
const MAX_SHOWN_DEPTH = 8;

export class ResourceTree {
  private readonly root: Resource;

  constructor(name = 'PCI mem', end = Number.MAX_SAFE_INTEGER) {
    this.root = new Resource(name, 0, end);
  }

  get children(): readonly Resource[] {
    return this.root.children;
  }

  /**
   * insert_resource(): goes below whatever contains it, whether busy or not, and adopts what it
   * covers. Of two equal ranges the new one becomes the parent. EBUSY: it overlaps another entry in
   * part.
   */
  insert(start: number, size: number, name: string, options: InsertOptions = {}): Resource {
    const resource = new Resource(name, start, start + size - 1, options.busy ?? false);
    const top = options.parent ?? this.root;
    if (size <= 0 || !top.contains(resource)) throw outside(resource, top);
    let parent = top;
    for (
      let next = containerIn(parent, resource);
      next !== undefined;
      next = containerIn(parent, resource)
    )
      parent = next;
    const adopted = parent.children.filter((child) => child.overlaps(resource));
    const partial = adopted.find((child) => !resource.contains(child));
    if (partial !== undefined) throw conflict(resource, partial);
    attach(resource, parent);
    return resource;
  }

  /**
   * request_mem_region(): goes below the entries that contain it as long as they are not busy.
   * EBUSY: it meets a busy entry or overlaps another in part.
   */
  request(start: number, size: number, name: string, options: RequestOptions = {}): Resource {
    const { busy = true, driverManaged = false } = options;
    const resource = new Resource(name, start, start + size - 1, busy, driverManaged);
    if (size <= 0 || !this.root.contains(resource)) throw outside(resource, this.root);
    let parent = this.root;
    for (;;) {
      const met = parent.children.find((child) => child.overlaps(resource));
      if (met === undefined) break;
      if (met.busy || !met.contains(resource)) throw conflict(resource, met);
      parent = met;
    }
    attach(resource, parent);
    return resource;
  }

  /** remove_resource(): takes exactly this entry away; its children move up to its parent. */
  release(resource: Resource): void {
    const { parent } = resource;
    if (parent === undefined) return;
    const index = parent.children.indexOf(resource);
    parent.children.splice(index, 1, ...resource.children);
    for (const child of resource.children) child.parent = parent;
    resource.children = [];
    resource.parent = undefined;
  }

  /**
   * release_mem_region_adjustable(): frees the range of a busy entry: the whole of it, an end, or a
   * part in the middle, which leaves two entries. Nothing happens if no busy entry holds the range.
   */
  releaseBusyRange(start: number, size: number): void {
    const range = { start, end: start + size - 1 };
    const entry = busyHolder(this.root, range);
    const parent = entry?.parent;
    if (entry === undefined || parent === undefined) return;
    this.release(entry);
    const rest: readonly (readonly [number, number])[] = [
      [entry.start, range.start - 1],
      [range.end + 1, entry.end],
    ];
    for (const [first, last] of rest) {
      if (first > last) continue;
      attach(new Resource(entry.name, first, last, true, entry.driverManaged), parent);
    }
  }

  /** The first entry of that name, top down in address order. */
  find(name: string): Resource | undefined {
    for (const { resource } of walk(this.root, 0)) if (resource.name === name) return resource;
    return undefined;
  }

  /** True if a busy `System RAM` entry, driver-managed or not, overlaps the range. */
  intersectsBusySystemRam(start: number, size: number): boolean {
    const range = { start, end: start + size - 1 };
    return someOverlapping(
      this.root,
      range,
      (each) => each.busy && each.name.startsWith('System RAM'),
    );
  }

  /** The lowest multiple of `align` in `parent` where `size` bytes overlap none of its children. */
  firstFit(parent: Resource, size: number, align: number): number | undefined {
    let at = Math.ceil(parent.start / align) * align;
    for (const child of parent.children) {
      if (at + size <= child.start) break;
      if (child.end >= at) at = Math.ceil((child.end + 1) / align) * align;
    }
    return at + size - 1 <= parent.end ? at : undefined;
  }

  /** The text of /proc/iomem for a reader with CAP_SYS_ADMIN (`r_show`). */
  render(): string {
    let text = '';
    for (const { resource, depth } of walk(this.root, 0)) {
      const range = `${address(resource.start)}-${address(resource.end)}`;
      text += `${'  '.repeat(Math.min(depth, MAX_SHOWN_DEPTH))}${range} : ${resource.name}\n`;
    }
    return text;
  }
}

function address(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function* walk(from: Resource, depth: number): Iterable<{ resource: Resource; depth: number }> {
  for (const resource of from.children) {
    yield { resource, depth };
    yield* walk(resource, depth + 1);
  }
}

function someOverlapping(
  from: Resource,
  range: { readonly start: number; readonly end: number },
  test: (resource: Resource) => boolean,
): boolean {
  return from.children.some(
    (child) => child.overlaps(range) && (test(child) || someOverlapping(child, range, test)),
  );
}

/** The innermost busy entry that contains the range. */
function busyHolder(
  from: Resource,
  range: { readonly start: number; readonly end: number },
): Resource | undefined {
  const child = from.children.find((each) => each.contains(range));
  if (child === undefined) return undefined;
  return busyHolder(child, range) ?? (child.busy ? child : undefined);
}

/** The child that contains `resource` and is larger than it. */
function containerIn(parent: Resource, resource: Resource): Resource | undefined {
  return parent.children.find((child) => child.contains(resource) && child.size > resource.size);
}

function attach(resource: Resource, parent: Resource): void {
  resource.children = parent.children.filter((child) => resource.contains(child));
  for (const child of resource.children) child.parent = resource;
  const others = parent.children.filter((child) => !resource.contains(child));
  const index = others.findIndex((child) => child.start > resource.end);
  others.splice(index < 0 ? others.length : index, 0, resource);
  parent.children = others;
  resource.parent = parent;
}

function outside(resource: Resource, within: Resource): KernelError {
  return new KernelError('EBUSY', `${describe(resource)} is not inside ${describe(within)}`);
}

function conflict(resource: Resource, other: Resource): KernelError {
  return new KernelError('EBUSY', `${describe(resource)} conflicts with ${describe(other)}`);
}

function describe(resource: Resource): string {
  return `${resource.name} [${address(resource.start)}-${address(resource.end)}]`;
}
