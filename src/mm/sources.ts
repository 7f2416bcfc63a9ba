import type { Source } from '../kernfs/source.ts';

export const MEMORY_FILES: Source = {
  document: 'ABI/testing/sysfs-devices-memory; admin-guide/mm/memory-hotplug.rst',
  code: 'drivers/base/memory.c',
};

export const NODE_FILES: Source = {
  document: 'ABI/stable/sysfs-devices-node',
  code: 'drivers/base/node.c',
};

export const INTERLEAVE_FILES: Source = {
  document: 'ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave',
  code: 'mm/mempolicy.c',
};
