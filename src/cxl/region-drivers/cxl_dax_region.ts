/**
 * `cxl_dax_region`: gives a `dax_regionN` its `dax_region/` group and one dax device over the whole
 * range (`drivers/dax/cxl.c`, 7.2), or in a dynamic region one over each allocation. Binding is
 * automatic and asynchronous.
 */
import type { DaxSubsystem } from '../../dax/boot.ts';
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { surfaceAccepted } from '../dynamic-capacity/add-capacity.ts';
import { CxlDaxRegion } from '../objects/dax-region.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';

/** PMD_SIZE of x86-64. */
const DAX_ALIGN = 2 * 1024 * 1024;

function probe(dax: DaxSubsystem, device: Device): void {
  const { object } = device;
  if (!(object instanceof CxlDaxRegion))
    throw new KernelError('ENODEV', `${device.name} is not a dax region`);
  const { region, mode, onlineType } = object;
  const { resource } = region;
  if (resource === undefined) throw new KernelError('ENXIO', `${region.name} has no range`);
  const daxRegion = dax.createRegion(device, {
    id: region.id,
    start: resource.start,
    size: region.size,
    targetNode: region.context.mm.hotplug.nodeOf(resource.start),
    align: DAX_ALIGN,
    kmem: mode === 'kmem',
    dynamic: region.dynamic,
    onlineType,
  });
  object.dax = daxRegion;
  device.devres.add('dax region', () => {
    object.dax = undefined;
  });
  if (region.dynamic) surfaceAccepted(object);
  else daxRegion.createDevice();
}

export function cxlDaxRegionDriver(dax: DaxSubsystem): CxlDriver {
  return {
    name: 'cxl_dax_region',
    id: CXL_DEVICE_ID.daxRegion,
    asynchronous: true,
    suppressBind: true,
    probe: (device) => probe(dax, device),
  };
}
