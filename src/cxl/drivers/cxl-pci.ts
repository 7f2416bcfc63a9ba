/**
 * The driver `cxl_pci` (`drivers/cxl/pci.c`, 7.2): makes a memdev of a memory device's PCI
 * function.
 */
import { Device, type DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { PciDriver } from '../buses/pci-bus.ts';
import { PciFunction } from '../buses/pci-function.ts';
import { addCapacityDebugfs } from '../dynamic-capacity/capacity-debugfs.ts';
import { MEMDEV_GROUPS } from '../memdev/attributes.ts';
import { addFirmwareUpload } from '../memdev/firmware-upload.ts';
import { setUpSanitizeNotifier } from '../memdev/sanitize.ts';
import { Memdev } from '../objects/memdev.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import { isBelow, refuseDetachUnderKernelMemory } from '../region/safety.ts';
import type { CxlSubsystem } from '../subsystem.ts';

/** No `devtype` and `modalias` files: the only CXL object without them. */
const MEMDEV_TYPE: DeviceType<Memdev> = { name: 'cxl_memdev', groups: MEMDEV_GROUPS };

export function cxlPciDriver(subsystem: CxlSubsystem, module: string | undefined): PciDriver {
  return {
    name: 'cxl_pci',
    module,
    asynchronous: true,
    matches: ({ role }) => role === 'memory',
    assertReleasable: ({ name, object }) =>
      refuseDetachUnderKernelMemory(subsystem, `unbinding ${name}`, (decoder) =>
        isBelow(decoder, object),
      ),
    probe: (device) => {
      const hardware = device.object instanceof PciFunction ? device.object.memory : undefined;
      if (hardware === undefined)
        throw new KernelError('ENODEV', `${device.name} is not a memory device`);
      const memdev = addMemdev(subsystem, device, hardware);
      if (memdev.device !== undefined)
        addFirmwareUpload(subsystem.firmwareClass, memdev.device, device);
    },
  };
}

/**
 * devm_cxl_add_memdev(): a character device and the bus device in one; cxl_mem may bind before this
 * returns.
 */
function addMemdev(subsystem: CxlSubsystem, pci: Device, hardware: MemoryHardware): Memdev {
  const id = subsystem.memdevNumbers.allocate(hardware);
  const memdev = new Memdev(id, hardware);
  memdev.device = new Device<Memdev>(subsystem.kernel, {
    name: memdev.name,
    object: memdev,
    parent: pci,
    bus: subsystem.bus,
    type: MEMDEV_TYPE,
    number: { major: subsystem.majors.cxl, minor: id, devname: `cxl/${memdev.name}` },
  });
  subsystem.memdevs.set(id, memdev);
  pci.devres.add(memdev.name, () => {
    memdev.device?.del();
    subsystem.memdevs.delete(id);
    subsystem.memdevNumbers.free(id);
  });
  setUpSanitizeNotifier(memdev, subsystem.kernel, pci.devres);
  addCapacityDebugfs(subsystem, memdev, pci.devres);
  memdev.device.add();
  return memdev;
}
