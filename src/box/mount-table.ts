/**
 * The mounts of a box as data, in the order in which they are made, and their execution by one
 * mount(8) for a table.
 *
 * `stage` is a private tmpfs on a directory of the host's /sys: a place that surely exists. It
 * holds `fuse` (the machine), `dev` (the /dev to be) and `media` (the contents of dax devices). The
 * machine's process keeps it; the mount namespace of the command (box-view.ts) has what it holds in
 * /sys, /proc and /dev, and no longer the stage itself.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { NODE_DEVICE, nodePath } from './character-nodes.ts';
import { BoxError } from './errors.ts';
import type { Ran } from './inside.ts';
import { NOT_FOUND, saysLimit } from './spawn-failure.ts';

export interface Mount {
  readonly source: string;
  readonly target: string;
  /** `none` for a bind. */
  readonly type: string;
  readonly options: string;
}

export const STAGE = '/sys/bus';
export const STAGE_FUSE = `${STAGE}/fuse`;
export const STAGE_DEV = `${STAGE}/dev`;
export const STAGE_MEDIA = `${STAGE}/media`;
/** The source of all that a box mounts itself: tells its mounts from the host's in /proc/mounts. */
export const SOURCE = 'cxlbox';

/** Where the machine's /sys waits, in the view, until the stage is gone from it. */
export const WAITING_SYS = '/dev/.sys';
export const STAGE_SYS = `${STAGE_DEV}/.sys`;

/** With all that is mounted below the source. */
export function bind(source: string, target: string): Mount {
  return { source, target, type: 'none', options: 'rbind' };
}

export function emptyDirectory(target: string): Mount {
  return { source: SOURCE, target, type: 'tmpfs', options: 'mode=755' };
}

export const ownProc: Mount = {
  source: SOURCE,
  target: '/proc',
  type: 'proc',
  options: 'nosuid,nodev,noexec',
};

export function kernelFilesystem(type: 'debugfs' | 'tracefs', target: string): Mount {
  return { source: SOURCE, target, type, options: 'rw' };
}

/** The FUSE mount served through descriptor `device` of the mounting process. */
export function fuse(device: number): Mount {
  const options = `fd=${device},rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other`;
  return { source: SOURCE, target: STAGE_FUSE, type: 'fuse', options };
}

/**
 * Directories that make daemons and module loaders of the host invisible to the tools; covered
 * where they exist.
 */
export const COVERED_DIRECTORIES = ['/run/udev', '/lib/modules'] as const;

/** What the machine and the host have that the command is to see. */
export interface ViewedParts {
  /** Below /proc, served by the machine. */
  readonly procFiles: readonly string[];
  /** Below /dev, served by the machine. */
  readonly devFolders: readonly string[];
  /** Names of nodes that are to be devices (character-nodes.ts). */
  readonly nodes: readonly string[];
  /**
   * Mounts of the host's own directories, of paths below /sys, and what else of the host is
   * covered.
   */
  readonly host: readonly Mount[];
}

/** The mounts of the command's view, which need the machine served. */
export function viewMounts({ procFiles, devFolders, nodes, host }: ViewedParts): Mount[] {
  return [
    ...host,
    ...procFiles
      .filter((name) => existsSync(`/proc/${name}`))
      .map((name) => bind(`${STAGE_FUSE}/proc/${name}`, `/proc/${name}`)),
    ...COVERED_DIRECTORIES.filter((path) => existsSync(path)).map(emptyDirectory),
    ...devFolders.map((name) => bind(`${STAGE_FUSE}/${name}`, `${STAGE_DEV}/${name}`)),
    ...nodes.map((name) => bind(NODE_DEVICE, nodePath(STAGE_DEV, name))),
    bind(STAGE_DEV, '/dev'),
    bind(`${STAGE_FUSE}/sys`, WAITING_SYS),
  ];
}

/** fstab(5): blanks and backslashes of a field in octal. */
function field(text: string): string {
  return text.replace(/[\s\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

export function fstab(mounts: readonly Mount[]): string {
  const line = (mount: Mount): string =>
    [field(mount.source), field(mount.target), mount.type, mount.options, '0', '0'].join(' ');
  return `${mounts.map(line).join('\n')}\n`;
}

/** The table of `MOUNT_TABLE`, which mount(8) cannot read from a pipe. */
export const TABLE = `${STAGE}/fstab`;

export function writeTable(mounts: readonly Mount[]): void {
  writeFileSync(TABLE, fstab(mounts));
}

/**
 * Shell text that makes the mounts of the table in order, by one mount(8): a process for each would
 * take most of the time of opening a box. No helper programs (`-i`): they would open a device of
 * their own.
 */
export const MOUNT_TABLE = `mount -i -a -T ${TABLE}`;

/** Shell text that makes one mount. */
export function mountOne({ type, options, source, target }: Mount): string {
  return `mount -i -t ${type} -o ${options} ${source} ${target}`;
}

/** Whatever the umask of the user. */
const MAKE_DIRECTORY = 'mkdir -m 755';

/** Shell text that makes the stage. */
export const MAKE_STAGE = `${mountOne(emptyDirectory(STAGE))} &&
${MAKE_DIRECTORY} ${STAGE_FUSE} ${STAGE_DEV} ${STAGE_MEDIA} && ${MAKE_DIRECTORY} ${STAGE_SYS}`;

/** CXLBOX_NO_MOUNT, CXLBOX_LIMIT, CXLBOX_MOUNT_REFUSED for shell text that did not succeed. */
export function assertMounted({ status, text }: Ran): void {
  if (status === 0) return;
  if (status === NOT_FOUND) throw new BoxError('CXLBOX_NO_MOUNT', 'mount ENOENT');
  const code = saysLimit(text) ? 'CXLBOX_LIMIT' : 'CXLBOX_MOUNT_REFUSED';
  throw new BoxError(code, text || `mount ended with status ${status}`);
}
