/**
 * `cxl_pmem_region`: puts a persistent region into the physical map (`cxl_pmem_region_probe`, 7.2).
 * ENODEV: the nvdimm of a member is not bound; ENXIO: a member has no serial number, without which
 * labels cannot name it.
 */
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { CxlBus, CxlDriver } from '../buses/cxl-bus.ts';
import { Nvdimm } from '../nvdimm/nvdimm.ts';
import { PmemRegion } from '../nvdimm/pmem-region.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';

function assertMember(bus: CxlBus, decoder: EndpointDecoder): void {
  const { memdev } = decoder.port;
  const nvdimm = bus
    .list()
    .find(({ object }) => object instanceof Nvdimm && object.memdev === memdev);
  if (nvdimm?.driver === undefined)
    throw new KernelError('ENODEV', `${decoder.name}: its nvdimm is not bound`);
  if (BigInt(memdev?.serial ?? 0) === 0n)
    throw new KernelError('ENXIO', `${memdev?.name} has no serial number`);
}

function probe(device: Device): void {
  const pmem = device.object;
  if (!(pmem instanceof PmemRegion))
    throw new KernelError('ENODEV', `${device.name} is not a pmem region`);
  const { region } = pmem;
  const { iomem } = region.context.mm;
  if (region.resource === undefined) throw new KernelError('ENXIO', `${region.name} has no range`);
  for (const decoder of region.attached()) assertMember(region.context.bus, decoder);
  const persistent = iomem.insert(region.resource.start, region.size, 'Persistent Memory');
  device.devres.add('Persistent Memory', () => iomem.release(persistent));
}

export const cxlPmemRegionDriver: CxlDriver = {
  name: 'cxl_pmem_region',
  id: CXL_DEVICE_ID.pmemRegion,
  suppressBind: true,
  probe,
};
