/**
 * The entries `debugfs` and `tracefs` of /proc/mounts.
 *
 * Some versions of cxl crash in verbose listings if no debugfs is mounted, and mount the host's
 * real tracefs if none is. What counts is the entry: the mount itself is covered by the /sys of the
 * box. As root the real ones are mounted; an ordinary user has the entries of the host, if there
 * are any, or gets a copy of /proc/mounts with them added, for which mount(8) must be able to cover
 * a link (util-linux 2.41).
 */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { kernelFilesystem, type Mount } from './mount-table.ts';

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

/**
 * Lines for a copy of /proc/mounts to cover it with; empty: it needs none, or cannot be covered.
 */
export function addedEntries(): string {
  const missing = missingEntries(readFileSync('/proc/self/mounts', 'utf8'));
  if (!lstatSync('/proc/mounts').isSymbolicLink()) return '';
  return missing.map(({ type, target }) => `${type} ${target} ${type} rw 0 0\n`).join('');
}
