/**
 * Attributes and attribute groups as data: what a `DEVICE_ATTR` table is in the kernel.
 */
import { type FileContent, type FileOptions, type KernfsDirectory, KernfsFile } from './node.ts';
import type { Source } from './source.ts';

/**
 * One attribute of objects of type T. `show` and `store` throw KernelError to fail the read or the
 * write.
 */
export interface Attribute<T> {
  readonly name: string;
  readonly mode: number;
  show?(object: T): string;
  store?(object: T, text: string): void;
  readonly options?: FileOptions;
  /** Absent: that of its group or device type. */
  readonly source?: Source | undefined;
}

export interface AttributeGroup<T> {
  /** The sub-directory that holds the attributes; absent: the object's own directory. */
  readonly name?: string;
  readonly attributes: readonly Attribute<T>[];
  /** Of attributes that have none of their own; absent: that of the device type. */
  readonly source?: Source;
  /**
   * Mode to give the attribute, 0 to hide it (`is_visible`). Absent: all visible with their own
   * mode.
   */
  visible?(object: T, attribute: Attribute<T>): number;
  /** False hides a named group's directory as well (SYSFS_GROUP_INVISIBLE). */
  present?(object: T): boolean;
}

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

export function createFile<T>(
  directory: KernfsDirectory,
  attribute: Attribute<T>,
  object: T,
  mode = attribute.mode,
  source = attribute.source,
): KernfsFile {
  const content = new AttributeContent(attribute, object, source);
  return directory.add(new KernfsFile(attribute.name, mode, content, attribute.options));
}

function groupDirectory<T>(
  directory: KernfsDirectory,
  group: AttributeGroup<T>,
  object: T,
): KernfsDirectory | undefined {
  if (group.present?.(object) === false) return undefined;
  return group.name === undefined ? directory : directory.ensureDirectory(group.name);
}

/** sysfs_create_group(). EEXIST for a duplicate name. `source`: where the group has none. */
export function createGroup<T>(
  directory: KernfsDirectory,
  group: AttributeGroup<T>,
  object: T,
  source?: Source,
): void {
  const target = groupDirectory(directory, group, object);
  if (target === undefined) return;
  for (const attribute of group.attributes) {
    const mode = group.visible === undefined ? attribute.mode : group.visible(object, attribute);
    if (mode !== 0)
      createFile(target, attribute, object, mode, attribute.source ?? group.source ?? source);
  }
}

/** sysfs_remove_group(). */
export function removeGroup<T>(directory: KernfsDirectory, group: AttributeGroup<T>): void {
  if (group.name !== undefined) {
    directory.remove(group.name);
    return;
  }
  for (const attribute of group.attributes) directory.remove(attribute.name);
}

/**
 * sysfs_update_group(): evaluates visibility again. Every file is removed and made again, so open
 * descriptors go dead.
 */
export function updateGroup<T>(
  directory: KernfsDirectory,
  group: AttributeGroup<T>,
  object: T,
  source?: Source,
): void {
  const target = group.name === undefined ? directory : directory.lookup(group.name);
  if (target?.kind === 'directory')
    for (const attribute of group.attributes) target.remove(attribute.name);
  createGroup(directory, group, object, source);
}
