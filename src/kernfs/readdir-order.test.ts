import { describe, expect, it } from 'vitest';
import { sortAsSysfs } from './readdir-order.ts';

describe('the order of sysfs directories', () => {
  // Listings of a real kernel.
  it.each([
    ['cxl_port cxl_mem cxl_nvdimm cxl_pmem_region cxl_dax_region cxl_nvdimm_bridge cxl_region'],
    [
      'cxl_port cxl_mem cxl_sysram_region cxl_nvdimm cxl_dax_kmem_region cxl_pmem_region cxl_dax_region ' +
        'cxl_nvdimm_bridge cxl_region cxl_devdax_region',
    ],
    ['kmem fsdev_dax device_dax'],
  ])('%s', (listing) => {
    const recorded = listing.split(' ');
    expect(sortAsSysfs([...recorded].sort())).toEqual(recorded);
    expect(sortAsSysfs([...recorded].reverse())).toEqual(recorded);
  });
});
