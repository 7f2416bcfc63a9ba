/**
 * cxlbox as a library: a machine in a test, without a mount.
 *
 * ```ts
 * import { boot, loadMachine, MachineClient } from 'cxlbox';
 *
 * const client = new MachineClient(boot(loadMachine('default')));
 * await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0\n');
 * console.log(await client.read('/sys/bus/dax/devices/dax0.0/size'));
 * ```
 */
export type { Uevent } from './driver-core/uevent.ts';
export { ERRNO, type Errno, KernelError } from './errno.ts';
export { loadMachine, namedMachines, UnknownMachineError } from './machine-files/load.ts';
export { boot } from './platform/boot.ts';
export { DescriptionError } from './platform/description/error.ts';
export { parseMachine } from './platform/description/parse.ts';
export type { MachineDescription } from './platform/description/types.ts';
export type { BootedMachine, Machine } from './platform/machine.ts';
export type { AbiProfile } from './platform/profiles/index.ts';
export { HostClient } from './sysfs-client/host-client.ts';
export { MachineClient, type MachineClientOptions } from './sysfs-client/machine-client.ts';
export { type SysfsClient, SysfsError } from './sysfs-client/sysfs-client.ts';
export { uevents } from './sysfs-client/uevents.ts';
