/**
 * The entries `debugfs` and `tracefs` of /proc/mounts.
 *
 * Some versions of cxl crash in verbose listings if no debugfs is mounted, and mount the host's real tracefs if none
 * is. What counts is the entry: the mount itself is covered by the /sys of the box. As root the real ones are mounted;
 * an ordinary user has the entries of the host, if there are any, or gets a copy of /proc/mounts with them added, for
 * which mount(8) must be able to cover a link (util-linux 2.41).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { kernelFilesystem, type Mount, STAGE } from './mount-table.ts';

const WANTED = [
  { type: 'debugfs', target: '/sys/kernel/debug' },
  { type: 'tracefs', target: '/sys/kernel/tracing' },
] as const;

type Wanted = (typeof WANTED)[number];

/** Those of the two for which `mounts`, a text of /proc/mounts, has no entry. */
export function missingEntries(mounts: string): Wanted[] {
  const types = new Set(mounts.split('\n').map((line) => line.split(' ')[2]));
  return WANTED.filter(({ type }) => !types.has(type));
}

/** The mounts that make the missing entries; only root of the host may make them. */
export function realEntries(): Mount[] {
  return missingEntries(readFileSync('/proc/self/mounts', 'utf8'))
    .filter(({ target }) => existsSync(target))
    .map(({ type, target }) => kernelFilesystem(type, target));
}

/** Covers /proc/mounts by a copy with the missing entries. To be called last, while the stage is still in sight. */
export function fakeMissingEntries(): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const missing = missingEntries(mounts);
  if (missing.length === 0 || !lstatSync('/proc/mounts').isSymbolicLink()) return;
  const copy = `${STAGE}/mounts`;
  writeFileSync(
    copy,
    mounts + missing.map(({ type, target }) => `${type} ${target} ${type} rw 0 0\n`).join(''),
  );
  // Older versions of mount(8) follow the link and cover a file of their own process, which is gone with them.
  spawnSync('mount', ['--no-canonicalize', '--bind', copy, '/proc/mounts'], { stdio: 'ignore' });
}
