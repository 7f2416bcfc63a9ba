import type { Source } from '../kernfs/source.ts';

export const UEVENT_FILE: Source = {
  document: 'ABI/testing/sysfs-uevent',
  code: 'drivers/base/core.c, drivers/base/bus.c',
};

export const BIND_FILES: Source = {
  document: 'driver-api/driver-model/',
  code: 'drivers/base/bus.c',
};

/** Links of a device to its bus, class, parent and driver, those that lead to it, its number. */
export const DEVICE_LINKS: Source = {
  document: 'driver-api/driver-model/',
  code: 'drivers/base/core.c, drivers/base/dd.c',
};

/** Links between a driver, its module and its devices. */
export const DRIVER_LINKS: Source = {
  document: 'ABI/testing/sysfs-module',
  code: 'drivers/base/module.c, drivers/base/dd.c',
};
