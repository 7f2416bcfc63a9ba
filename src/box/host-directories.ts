/**
 * The parts of the host's /sys that stay visible in a box, because programs need them to run at all
 * and no CXL machine says anything about them.
 */
import { existsSync } from 'node:fs';
import type { Kernel } from '../driver-core/kernel.ts';

/** Below /sys. */
const HOST_DIRECTORIES = [
  'devices/system/cpu',
  'fs/cgroup',
  'fs/selinux',
  'kernel/mm/hugepages',
  'kernel/mm/transparent_hugepage',
] as const;

/**
 * Makes an empty directory to mount on for each of `paths` that the host has and the machine does
 * not fill itself; returns those. To be called while the host's /sys is still in place, at `sys`.
 */
export function makeMountPoints(
  kernel: Kernel,
  paths: readonly string[] = HOST_DIRECTORIES,
  sys = '/sys',
): string[] {
  return paths
    .filter((path) => existsSync(`${sys}/${path}`))
    .filter((path) => [...kernel.directory(path).names()].length === 0);
}
