import type { Source } from '../kernfs/source.ts';

export const DAX_FILES: Source = {
  document: 'ABI/testing/sysfs-bus-dax',
  code: 'drivers/dax/bus.c',
};
