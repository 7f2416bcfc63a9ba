/**
 * The directories that stay as long as a machine runs: the kernel may remember their names, which
 * halves the requests of a deep path.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import type { KernfsDirectory, KernfsNode } from '../kernfs/node.ts';

function subdirectories(directory: KernfsDirectory): KernfsDirectory[] {
  return [...directory.names()]
    .map((name) => directory.lookup(name))
    .filter((node) => node?.kind === 'directory');
}

/**
 * /sys and /proc, the kernel's own directories in /sys, and each bus with its `devices` and
 * `drivers`.
 */
export function permanentNodes(kernel: Kernel): ReadonlySet<KernfsNode> {
  const topLevel = subdirectories(kernel.sys);
  const buses = subdirectories(kernel.directory('bus'));
  return new Set<KernfsNode>([
    kernel.sys,
    kernel.proc,
    ...topLevel,
    ...buses,
    ...buses.flatMap(subdirectories),
  ]);
}
