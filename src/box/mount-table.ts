/**
 * The mounts of a box as data, in the order in which they are made, and their execution by one mount(8) for a table.
 *
 * `stage` is a private tmpfs on a directory of the host's /sys: a place that surely exists, and that disappears
 * beneath the /sys of the box at the end. It holds `fuse` (the machine), `dev` (the /dev to be) and `media` (the
 * contents of dax devices).
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { BoxError } from './errors.ts';

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
const SOURCE = 'cxlbox';

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

/** Directories that make daemons and module loaders of the host invisible to the tools; covered where they exist. */
export const COVERED_DIRECTORIES = ['/run/udev', '/lib/modules'] as const;

/**
 * The mounts that need the machine served. `hostDirectories` are below /sys, `procFiles` below /proc, `devFolders` below
 * /dev.
 */
export function machineMounts(
  procFiles: readonly string[],
  hostDirectories: readonly string[],
  devFolders: readonly string[] = [],
): Mount[] {
  return [
    ...hostDirectories.map((path) => bind(`/sys/${path}`, `${STAGE_FUSE}/sys/${path}`)),
    ...procFiles
      .filter((name) => existsSync(`/proc/${name}`))
      .map((name) => bind(`${STAGE_FUSE}/proc/${name}`, `/proc/${name}`)),
    ...COVERED_DIRECTORIES.filter((path) => existsSync(path)).map(emptyDirectory),
    ...devFolders.map((name) => bind(`${STAGE_FUSE}/${name}`, `${STAGE_DEV}/${name}`)),
    bind(STAGE_DEV, '/dev'),
    // The last one: it covers the stage.
    bind(`${STAGE_FUSE}/sys`, '/sys'),
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

/** Descriptor of the mounting process that `fuse(device)` names. */
export const INHERITED_DEVICE = 3;

/** Runs mount(8) with `device` as descriptor 3; resolves to its messages, empty if it succeeded. CXLBOX_NO_MOUNT. */
function runMount(args: readonly string[], device: number): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn('mount', args, { stdio: ['ignore', 'ignore', 'pipe', device] });
    let messages = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      messages += chunk.toString();
    });
    child.on('error', (error) => failed(new BoxError('CXLBOX_NO_MOUNT', error.message)));
    child.on('close', (status) => {
      done(status === 0 ? '' : messages.trim() || `mount ended with status ${status}`);
    });
  });
}

/** Makes the stage. Resolves to the messages of mount(8), empty if it was made. */
export async function mountStage(device: number): Promise<string> {
  const messages = await runMount(['-i', '-t', 'tmpfs', '-o', 'mode=755', SOURCE, STAGE], device);
  if (messages !== '') return messages;
  for (const directory of [STAGE_FUSE, STAGE_DEV, STAGE_MEDIA]) mkdirSync(directory);
  return '';
}

/**
 * Makes the mounts in order, by one mount(8): a process for each would take most of the time of opening a box. The
 * table is a file of the stage, since mount(8) cannot read it from a pipe. No helper programs (`-i`): they would open
 * a device of their own. Resolves to the messages, empty if all mounts were made.
 */
export function mountAll(mounts: readonly Mount[], device: number): Promise<string> {
  const table = `${STAGE}/fstab`;
  writeFileSync(table, fstab(mounts));
  return runMount(['-i', '-a', '-T', table], device);
}
