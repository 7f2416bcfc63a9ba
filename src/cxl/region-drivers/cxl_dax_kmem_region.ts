/**
 * `cxl_dax_kmem_region` (explicit-region-drivers-v1): `sysram_regionN` becomes a dax region in kmem
 * mode, with a copy of the online type as it stands now. ENODEV: online type still `invalid`;
 * ENXIO: region no longer committed.
 */
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { CxlDaxRegion } from '../objects/dax-region.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import { addDaxRegion } from '../region/dax-region.ts';
import { SysramRegion } from '../region/sysram-region.ts';

function probe(device: Device): void {
  const sysram = device.object;
  if (!(sysram instanceof SysramRegion))
    throw new KernelError('ENODEV', `${device.name} is not a sysram region`);
  const { onlineType, region } = sysram;
  if (onlineType === 'invalid')
    throw new KernelError('ENODEV', `${device.name}: write online_type first`);
  if (!region.committed) throw new KernelError('ENXIO', `${region.name} is not committed`);
  addDaxRegion(device, new CxlDaxRegion(region, 'kmem', onlineType));
}

export const cxlDaxKmemRegionDriver: CxlDriver = {
  name: 'cxl_dax_kmem_region',
  id: CXL_DEVICE_ID.sysramRegion,
  probe,
};
