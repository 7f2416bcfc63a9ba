/** The type ids of `drivers/cxl/cxl.h`; 10 comes with the explicit region drivers. */
export const CXL_DEVICE_ID = {
  decoder: 0,
  nvdimmBridge: 1,
  nvdimm: 2,
  port: 3,
  root: 4,
  memdev: 5,
  region: 6,
  pmemRegion: 7,
  daxRegion: 8,
  pmu: 9,
  sysramRegion: 10,
} as const;
