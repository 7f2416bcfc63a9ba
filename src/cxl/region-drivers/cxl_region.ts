/**
 * `cxl_region`, the mainline driver: RAM regions become a dax region in kmem mode, persistent ones
 * a pmem region (`cxl_region_probe`, 7.2); dynamic ones a dax region in device_dax mode (the
 * dynamic capacity series of 2026).
 */
import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { CxlDriver } from '../buses/cxl-bus.ts';
import { addPmemRegion } from '../nvdimm/pmem-region.ts';
import { CxlDaxRegion } from '../objects/dax-region.ts';
import { CXL_DEVICE_ID } from '../objects/device-id.ts';
import type { Region } from '../objects/region.ts';
import { addDaxRegion } from '../region/dax-region.ts';
import { addRegionDebugfs } from '../region/debugfs.ts';
import { publishCoordinates } from '../region/performance.ts';
import { regionOf } from './region-of.ts';

/**
 * The range may be system memory already, of an earlier binding or of firmware: then nothing is to
 * be made of it.
 */
function isSystemRam(region: Region): boolean {
  const { resource, size, context } = region;
  return resource !== undefined && context.mm.iomem.intersectsBusySystemRam(resource.start, size);
}

/**
 * The access attributes of region and node are filled in when the node gets its first memory while
 * bound.
 */
function watchFirstMemory(device: Device, region: Region): void {
  const { mm } = region.context;
  const nid = mm.hotplug.nodeOf(region.resource?.start ?? 0);
  const stop = mm.nodes.onFirstMemory((first) => {
    if (first === nid) publishCoordinates(region, nid);
  });
  device.devres.add('node notifier', stop);
}

function probe(device: Device): void {
  const region = regionOf(device);
  if (!region.committed) throw new KernelError('ENXIO', `${region.name} is not committed`);
  addRegionDebugfs(device, region);
  watchFirstMemory(device, region);
  if (!region.volatile) addPmemRegion(device, region);
  else if (region.dynamic) addDaxRegion(device, new CxlDaxRegion(region, 'device_dax'));
  else if (!isSystemRam(region)) addDaxRegion(device, new CxlDaxRegion(region, 'kmem'));
}

export const cxlRegionDriver: CxlDriver = { name: 'cxl_region', id: CXL_DEVICE_ID.region, probe };
