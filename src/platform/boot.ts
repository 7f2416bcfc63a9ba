/**
 * From a machine description to a running machine.
 */
import { bootCxl } from '../cxl/boot.ts';
import * as unplug from '../cxl/firmware/hot-unplug.ts';
import { regionMapOf } from '../cxl/region/address-map.ts';
import { regionDrivers } from '../cxl/region-drivers/index.ts';
import { regionOperations } from '../cxl/region-operations.ts';
import { bootDax } from '../dax/boot.ts';
import { Kernel } from '../driver-core/kernel.ts';
import { bootMemoryManagement } from '../mm/boot/boot.ts';
import { makeBootRegions } from './boot-regions.ts';
import { cxlConfig } from './cxl-config.ts';
import { daxHardware } from './dax-hardware.ts';
import { addCxlboxDebugfs, addDeferredDebugfs } from './debugfs.ts';
import type { MachineDescription } from './description/types.ts';
import { poisonAtBoot } from './faults/boot-poison.ts';
import { namesOf } from './faults/device-names.ts';
import { addFaultFiles } from './faults/fault-files.ts';
import { FaultList } from './faults/fault-list.ts';
import type { BootedMachine, BootListeners } from './machine.ts';
import { mmConfig } from './mm-config.ts';
import { moduleControl } from './modules.ts';
import { PROFILES } from './profiles/index.ts';

/**
 * The dax drivers that the modules of a boot bring, in the order in which they load; all of them
 * when built in.
 */
function daxDrivers(
  modules: MachineDescription['boot']['modules'],
): ('device_dax' | 'kmem' | 'fsdev_dax')[] {
  const all = ['device_dax', 'kmem', 'fsdev_dax'] as const;
  return modules === 'builtin' ? [...all] : all.filter((name) => modules.includes(name));
}

/**
 * Boots the machine: firmware's view, memory management, the dax and the CXL side, boot-time
 * regions; then at rest, with the faults of its description. Takes some milliseconds, holds no
 * resource of the host, and needs no closing. Each call gives a machine of its own; the same
 * description and the same writes give the same tree, uevents and log.
 *
 * Throws {@link KernelError} for a region that cannot be created, or for a fault that cannot be
 * injected, such as one of a device that the machine does not have.
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient } from 'cxlbox';
 *
 * const machine = boot(loadMachine('default'));
 * const client = new MachineClient(machine);
 * console.log((await client.read('/sys/bus/cxl/devices/region0/commit')).trim()); // 1
 * console.log(machine.kernel.log.lines().length > 0); // true
 * ```
 */
export function boot(
  description: MachineDescription,
  listeners: BootListeners = {},
): BootedMachine {
  const profile = PROFILES[description.abi];
  const kernel = new Kernel();
  if (listeners.onDriverEvent !== undefined) kernel.trace.subscribe(listeners.onDriverEvent);
  addCxlboxDebugfs(kernel);
  addDeferredDebugfs(kernel);
  const faults = new FaultList(kernel.log);
  addFaultFiles(kernel, faults);
  const asked = description.faults;
  faults.reach('start', { kernel, namesOf }, asked);
  const mm = bootMemoryManagement(kernel, mmConfig(description, profile));
  faults.reach('memory', { kernel, namesOf, mm }, asked);
  const modular = description.boot.modules !== 'builtin';
  const dax = bootDax(kernel, mm, {
    major: profile.daxMajor,
    drivers: daxDrivers(description.boot.modules),
    modular,
    captureDefaultOnlineType: profile.captureDefaultOnlineType,
  });
  const cpuCacheInvalidation = !description.boot.hypervisor;
  const cxl = bootCxl(kernel, mm, cxlConfig(description), {
    ...regionDrivers(profile.regionDrivers, dax, { modular }),
    modular,
    firmwareLoaderEvents: profile.firmwareLoaderEvents,
    regionOperations: (subsystem) =>
      regionOperations(
        {
          kernel,
          mm,
          bus: subsystem.bus,
          ids: subsystem.regionIds,
          cpuCacheInvalidation,
          nodesWithCoordinates: new Set(),
          mapOf: (region) => regionMapOf(subsystem, region),
        },
        () => subsystem.rootDecoders,
      ),
  });
  kernel.work.settle();
  faults.reach('cxl', { kernel, namesOf, mm, cxl }, asked);
  makeBootRegions(kernel, description);
  poisonAtBoot(cxl, asked);
  faults.reach('end', { kernel, namesOf, mm, cxl, unplug }, asked);
  kernel.work.settle();
  // Nobody waits for a boot.
  kernel.owed.take();
  return {
    kernel,
    mm,
    dax,
    cxl,
    faults,
    modules: modular ? moduleControl(dax, cxl.modules) : undefined,
    daxHardware: daxHardware(dax, cxl),
    debug: { setUnmovable: (block, unmovable) => mm.hotplug.setUnmovable(block, unmovable) },
  };
}
