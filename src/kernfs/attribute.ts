/**
 * Attributes and attribute groups as data: what a `DEVICE_ATTR` table is in the kernel.
 */
import { fileOf, GroupFiles, shapeOf } from './group-files.ts';
import type { ChildSource, FileOptions, KernfsDirectory, KernfsFile } from './node.ts';
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

/** Makes one file that stays, whether somebody looks or not. */
export function createFile<T>(
  directory: KernfsDirectory,
  attribute: Attribute<T>,
  object: T,
  mode = attribute.mode,
  source = attribute.source,
): KernfsFile {
  return directory.add(fileOf(attribute, object, mode, source));
}

function groupDirectory<T>(
  directory: KernfsDirectory,
  group: AttributeGroup<T>,
  object: T,
): KernfsDirectory | undefined {
  if (group.present?.(object) === false) return undefined;
  return group.name === undefined ? directory : directory.ensureDirectory(group.name);
}

/**
 * sysfs_create_group(). EEXIST for a duplicate name: no file of the group is made then. What is
 * visible is settled here; the files themselves are made when they are looked up. `source`: where
 * the group has none.
 */
export function createGroup<T>(
  directory: KernfsDirectory,
  group: AttributeGroup<T>,
  object: T,
  source?: Source,
): void {
  const target = groupDirectory(directory, group, object);
  target?.addSource(new GroupFiles(shapeOf(group, object, source), object));
}

function filesOf<T>(
  directory: KernfsDirectory | undefined,
  group: AttributeGroup<T>,
): ChildSource | undefined {
  return directory?.sourceList().find((each) => each instanceof GroupFiles && each.group === group);
}

function removeFiles<T>(directory: KernfsDirectory | undefined, group: AttributeGroup<T>): void {
  const files = filesOf(directory, group);
  if (files !== undefined) directory?.removeSource(files);
}

/** sysfs_remove_group(). */
export function removeGroup<T>(directory: KernfsDirectory, group: AttributeGroup<T>): void {
  if (group.name !== undefined) directory.remove(group.name);
  else removeFiles(directory, group);
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
  if (target?.kind === 'directory') removeFiles(target, group);
  createGroup(directory, group, object, source);
}
