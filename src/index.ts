/**
 * cxlbox as a library: a machine with CXL memory in this process, without a mount or privileges.
 *
 * {@link loadMachine} or {@link parseMachine} give a {@link MachineDescription}, {@link boot} makes
 * a machine of it, and {@link MachineClient} reads and writes its /sys and /proc.
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient } from 'cxlbox';
 *
 * const client = new MachineClient(boot(loadMachine('default')));
 * await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0\n');
 * console.log((await client.read('/sys/bus/dax/devices/dax0.0/size')).trim()); // 4294967296
 * ```
 *
 * @packageDocumentation
 */
export type { Capacity, PartitionMode } from './cxl/objects/partition.ts';
export type { FaultRequest } from './cxlbox-abi/fault.ts';
export {
  type BindingEvent,
  type DriverEvent,
  formatDriverEvent,
  type UeventEvent,
} from './driver-core/trace.ts';
export type { Uevent, UeventAction, UeventVariables } from './driver-core/uevent.ts';
export { ERRNO, type Errno, KernelError } from './errno.ts';
export { loadMachine, namedMachines, UnknownMachineError } from './machine-files/load.ts';
export type {
  AccessCoordinates,
  BootZone,
  MemmapOnMemory,
  MemoryRange,
  MemorySideCache,
  NodePerformance,
  OnlinePolicy,
  ZoneName,
} from './mm/config.ts';
export type { OnlineType } from './mm/hotplug/online-type.ts';
export { boot } from './platform/boot.ts';
export { DescriptionError, type Problem } from './platform/description/error.ts';
export { parseMachine } from './platform/description/parse.ts';
export type {
  BootOptions,
  DaxMemoryMode,
  DeviceDescription,
  DownstreamPortDescription,
  HmatDescription,
  HostBridgeDescription,
  MachineDescription,
  NodeDescription,
  RegionDescription,
  SwitchDescription,
  WindowDescription,
  WindowRestriction,
} from './platform/description/types.ts';
export type {
  BootedMachine,
  BootListeners,
  Machine,
  MachineDebug,
  ModuleControl,
} from './platform/machine.ts';
export type { AbiProfile } from './platform/profiles/index.ts';
export { HostClient } from './sysfs-client/host-client.ts';
export { MachineClient, type MachineClientOptions } from './sysfs-client/machine-client.ts';
export { type SysfsClient, SysfsError } from './sysfs-client/sysfs-client.ts';
export { uevents } from './sysfs-client/uevents.ts';
