/**
 * The driver `cxl_pmem_region` (`drivers/cxl/pmem.c`, 7.2). It claims the range as persistent memory; the nvdimm region
 * that Linux makes of it, with namespaces and labels, is not simulated.
 */
import { KernelError } from '../errno.ts';
import { CXL_DEVICE_ID, type CxlDriver } from './cxl-bus.ts';
import type { Memdev } from './memdev.ts';
import { Nvdimm } from './nvdimm.ts';
import { PmemRegion } from './pmem-region.ts';
import type { CxlSubsystem } from './subsystem.ts';

/** ENODEV: the nvdimm of a member is not bound. ENXIO: a member has serial number 0. */
function assertMember(subsystem: CxlSubsystem, memdev: Memdev | undefined): void {
  const nvdimm = subsystem.bus.list().find(({ object }) => object instanceof Nvdimm && object.memdev === memdev);
  if (nvdimm?.driver === undefined) throw new KernelError('ENODEV', `the nvdimm of ${memdev?.name} is not bound`);
  if (Number(memdev?.hardware.config.serial) === 0) throw new KernelError('ENXIO', `${memdev?.name} has no serial number`);
}

export function cxlPmemRegionDriver(subsystem: CxlSubsystem, module: string | undefined): CxlDriver {
  return {
    name: 'cxl_pmem_region',
    id: CXL_DEVICE_ID.pmemRegion,
    module,
    suppressBind: true,
    probe: (device) => {
      if (!(device.object instanceof PmemRegion)) throw new KernelError('ENODEV', `${device.name} is no pmem region`);
      const { region } = device.object;
      const { iomem } = subsystem.mm;
      if (region.resource === undefined) throw new KernelError('ENXIO', `${region.name} has no range`);
      for (const target of region.attached()) assertMember(subsystem, target.port.memdev);
      const claimed = iomem.insert(region.resource.start, region.size, 'Persistent Memory');
      device.devres.add('Persistent Memory', () => iomem.release(claimed));
    },
  };
}
