/**
 * The files of an attribute group in one directory: one entry for all of them. A machine may have
 * half a million attributes, most of which no program ever opens, so a file is made when it is
 * looked up and lives as long as something holds it.
 */
import { KernelError } from '../errno.ts';
import type { Attribute, AttributeGroup } from './attribute.ts';
import { type ChildSource, type FileContent, KernfsFile } from './node.ts';
import type { Source } from './source.ts';

/**
 * An attribute of one object. Its functions are made when they are asked for: most files are never
 * opened.
 */
class AttributeContent<T> implements FileContent {
  private readonly attribute: Attribute<T>;
  private readonly object: T;
  readonly source: Source | undefined;

  constructor(attribute: Attribute<T>, object: T, source: Source | undefined) {
    this.attribute = attribute;
    this.object = object;
    this.source = source;
  }

  get show(): (() => string) | undefined {
    const { attribute, object } = this;
    return attribute.show && (() => attribute.show?.(object) ?? '');
  }

  get store(): ((text: string) => void) | undefined {
    const { attribute, object } = this;
    return attribute.store && ((text) => attribute.store?.(object, text));
  }
}

export function fileOf<T>(
  attribute: Attribute<T>,
  object: T,
  mode: number,
  source: Source | undefined,
): KernfsFile {
  const content = new AttributeContent(attribute, object, source);
  return new KernfsFile(attribute.name, mode, content, attribute.options);
}

/** What is visible of a group, and how: the same for most of the objects that have the group. */
class GroupShape<T> {
  readonly group: AttributeGroup<T>;
  readonly source: Source | undefined;
  /** By position in the table of the group; 0 hides the attribute. */
  readonly modes: readonly number[];
  private readonly positions = new Map<string, number>();

  constructor(group: AttributeGroup<T>, source: Source | undefined, modes: readonly number[]) {
    this.group = group;
    this.source = source;
    this.modes = modes;
    for (const [position, { name }] of group.attributes.entries()) {
      if (modes[position] === 0) continue;
      if (this.positions.has(name))
        throw new KernelError('EEXIST', `duplicate name '${name}' in an attribute group`);
      this.positions.set(name, position);
    }
  }

  has(name: string): boolean {
    return this.positions.has(name);
  }

  names(): Iterable<string> {
    return this.positions.keys();
  }

  fileOf(name: string, object: T): KernfsFile | undefined {
    const position = this.positions.get(name) ?? -1;
    const attribute = this.group.attributes[position];
    if (attribute === undefined) return undefined;
    const mode = this.modes[position] ?? attribute.mode;
    return fileOf(attribute, object, mode, attribute.source ?? this.group.source ?? this.source);
  }
}

/** Keyed by groups, and the values belong to the group of their key: the types agree. */
const SHAPES = new WeakMap<AttributeGroup<never>, GroupShape<never>[]>();

function shapesOf<T>(group: AttributeGroup<T>): GroupShape<T>[] {
  const known = SHAPES.get(group);
  if (known !== undefined) return known as unknown as GroupShape<T>[];
  const made: GroupShape<T>[] = [];
  SHAPES.set(group, made as unknown as GroupShape<never>[]);
  return made;
}

function shapeWith<T>(
  group: AttributeGroup<T>,
  source: Source | undefined,
  modes: readonly number[],
): GroupShape<T> {
  const shapes = shapesOf(group);
  const known = shapes.find(
    (shape) => shape.source === source && shape.modes.every((mode, at) => mode === modes[at]),
  );
  if (known !== undefined) return known;
  const made = new GroupShape(group, source, modes);
  shapes.push(made);
  return made;
}

/** What `visible` of the group says of the object now. */
export function shapeOf<T>(
  group: AttributeGroup<T>,
  object: T,
  source: Source | undefined,
): GroupShape<T> {
  const modes = group.attributes.map(
    (attribute) => group.visible?.(object, attribute) ?? attribute.mode,
  );
  return shapeWith(group, source, modes);
}

export class GroupFiles<T> implements ChildSource {
  readonly kind = 'file';
  private shape: GroupShape<T>;
  private readonly object: T;

  constructor(shape: GroupShape<T>, object: T) {
    this.shape = shape;
    this.object = object;
  }

  get group(): AttributeGroup<T> {
    return this.shape.group;
  }

  has(name: string): boolean {
    return this.shape.has(name);
  }

  names(): Iterable<string> {
    return this.shape.names();
  }

  lookup(name: string): KernfsFile | undefined {
    return this.shape.fileOf(name, this.object);
  }

  /** sysfs_remove_file_from_group() */
  drop(name: string): void {
    const { group, source, modes } = this.shape;
    this.shape = shapeWith(
      group,
      source,
      modes.map((mode, at) => (group.attributes[at]?.name === name ? 0 : mode)),
    );
  }
}
