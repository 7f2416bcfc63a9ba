/**
 * Which drivers the bus `dax` has, built in or loaded as modules.
 */
import { KernelError } from '../errno.ts';
import { KernfsFile } from '../kernfs/node.ts';
import type { Source } from '../kernfs/source.ts';
import type { DaxDriver } from './dax-bus.ts';
import type { DaxContext } from './dax-context.ts';
import { createDeviceDaxDriver } from './device-dax.ts';
import { createFsdevDaxDriver } from './fsdev-dax.ts';
import { createKmemDriver } from './kmem.ts';

type DriverFactory = (context: DaxContext, module?: string) => DaxDriver;

/**
 * In the order in which a kernel with all of them built in registers them; a module has the name of
 * its driver.
 */
export const DAX_DRIVER_NAMES = ['device_dax', 'kmem', 'fsdev_dax'] as const;
export type DaxDriverName = (typeof DAX_DRIVER_NAMES)[number];

const FACTORIES: Readonly<Record<DaxDriverName, DriverFactory>> = {
  device_dax: (_, module) => createDeviceDaxDriver(module),
  kmem: createKmemDriver,
  fsdev_dax: (_, module) => createFsdevDaxDriver(module),
};

const INITSTATE: Source = {
  document: 'ABI/stable/sysfs-module',
  code: 'kernel/module/sysfs.c, kernel/params.c',
};

/** `/sys/module/<name>` with `initstate`. */
function addModuleDirectory(context: DaxContext, name: DaxDriverName): void {
  const directory = context.kernel.directory('module').addDirectory(name);
  directory.add(new KernfsFile('initstate', 0o444, { show: () => 'live\n', source: INITSTATE }));
}

/**
 * Registers built-in drivers, in the kernel's order whatever the order of `names`. They get a
 * module directory although Linux makes none for built-in code without parameters: daxctl learns
 * that a driver is built in from the index of /lib/modules, which a box does not have, and else
 * from `initstate`.
 */
export function registerDaxDrivers(context: DaxContext, names: readonly DaxDriverName[]): void {
  for (const name of DAX_DRIVER_NAMES) {
    if (!names.includes(name)) continue;
    addModuleDirectory(context, name);
    context.bus.registerDriver(FACTORIES[name](context));
  }
}

/**
 * modprobe of a driver: its module, then the driver, which is offered all unbound devices. Loaded
 * already: nothing.
 */
export function loadDaxDriver(context: DaxContext, name: DaxDriverName): void {
  const { kernel, bus } = context;
  if (bus.driver(name) !== undefined) return;
  addModuleDirectory(context, name);
  kernel.uevents.emit('add', `/module/${name}`, 'module');
  bus.registerDriver(FACTORIES[name](context, name));
}

/**
 * rmmod of a driver: its devices are released, its ids forgotten. ENOENT: not loaded; EBUSY: built
 * in.
 */
export function unloadDaxDriver(context: DaxContext, name: DaxDriverName): void {
  const { kernel } = context;
  const bound = context.bus.driver(name);
  if (bound === undefined) throw new KernelError('ENOENT', `module ${name} is not loaded`);
  if (bound.driver.module === undefined) throw new KernelError('EBUSY', `${name} is built in`);
  bound.unregister();
  kernel.uevents.emit('remove', `/module/${name}`, 'module');
  kernel.directory('module').remove(name);
}
