/**
 * The kernel throttles programs that store to mappings of a FUSE file when 1 % of memory is dirty
 * (`bdi_strict_limit`). A box of root lifts that limit for its own mount; in a user namespace that
 * is not permitted.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SETTINGS = [
  ['strict_limit', '0'],
  ['max_ratio', '100'],
] as const;

/** Device number of the mount at `path`, such as `0:52`. */
export function deviceOfMount(path: string, mountinfo: string): string | undefined {
  const line = mountinfo.split('\n').find((each) => each.split(' ')[4] === path);
  return line?.split(' ')[2];
}

/**
 * To be called while the host's own /sys is in place. Where it is refused, stores to mappings are
 * slower.
 */
export function liftDirtyLimit(mountPoint: string): void {
  const device = deviceOfMount(mountPoint, readFileSync('/proc/self/mountinfo', 'latin1'));
  if (device === undefined) return;
  for (const [name, value] of SETTINGS) {
    try {
      writeFileSync(`/sys/class/bdi/${device}/${name}`, value);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}
