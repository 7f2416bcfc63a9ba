/**
 * The parts of the host that show in a box, and how: read-only where the box was opened with rights
 * over the host, since the kernel lets the owner of such a file write to it, in whatever namespace.
 * An ordinary user owns none of them.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { bind, type Mount, STAGE_FUSE } from './mount-table.ts';

/** mountinfo(5): blanks and backslashes of a path are in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The mount points at and below `path`; `path` first, a mount point or not. */
export function mountPointsBelow(path: string, mountinfo: string): string[] {
  const points = mountinfo
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((point) => point.startsWith(`${path}/`));
  return [...new Set([path, ...points])];
}

/** mount(8) makes only the one mount read-only, so each of those below gets a line of its own. */
function bindReadOnly(source: string, target: string, mountinfo: string): Mount[] {
  return mountPointsBelow(source, mountinfo).map((point) => ({
    source: point,
    target: target + point.slice(source.length),
    type: 'none',
    options: 'bind,ro,nosuid,nodev,noexec',
  }));
}

const WRITABLE = 0o222;
/** Directories of processes, which a box has of its own. */
const PROCESS = /^\d+$/;

/**
 * What of /proc is the kernel's and not a process's: its directories, and the files that may be
 * written to.
 */
export function writableProcEntries(proc = '/proc'): string[] {
  return readdirSync(proc)
    .filter((name) => !PROCESS.test(name))
    .filter((name) => {
      const stat = lstatSync(`${proc}/${name}`, { throwIfNoEntry: false });
      if (stat === undefined || stat.isSymbolicLink()) return false;
      return stat.isDirectory() || (stat.mode & WRITABLE) !== 0;
    });
}

export interface HostPartsOptions {
  /** Below /sys, where the machine leaves room. */
  readonly directories: readonly string[];
  /** Below /proc, what the machine serves. */
  readonly procFiles: readonly string[];
  readonly readOnly: boolean;
}

/**
 * The mounts of the host's directories on the machine's /sys and, if they are to be read-only, of
 * the rest of /proc.
 */
export function hostParts({ directories, procFiles, readOnly }: HostPartsOptions): Mount[] {
  const mounted = directories.map((path) => [`/sys/${path}`, `${STAGE_FUSE}/sys/${path}`] as const);
  if (!readOnly) return mounted.map(([source, target]) => bind(source, target));
  const mountinfo = readFileSync('/proc/self/mountinfo', 'latin1');
  const served = new Set(procFiles);
  const proc = writableProcEntries().filter((name) => !served.has(name));
  return [
    ...mounted.flatMap(([source, target]) => bindReadOnly(source, target, mountinfo)),
    ...proc.flatMap((name) => bindReadOnly(`/proc/${name}`, `/proc/${name}`, mountinfo)),
  ];
}
