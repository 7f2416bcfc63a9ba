/** Which layers and rooms there are, lowest first, and what each may import besides itself. */

export const MODEL: readonly string[] = [
  'errno',
  'kernfs',
  'driver-core',
  'mm',
  'dax',
  'cxl',
  'platform',
];

/** The folders of src, and its files. */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  errno: [],
  kernfs: ['errno'],
  'driver-core': ['kernfs', 'errno'],
  mm: ['driver-core', 'kernfs', 'errno'],
  dax: ['mm', 'driver-core', 'kernfs', 'errno'],
  cxl: ['dax', 'mm', 'driver-core', 'kernfs', 'errno'],
  platform: ['cxl', 'dax', 'mm', 'driver-core', 'kernfs', 'errno'],
  fuse: ['platform', 'driver-core', 'kernfs', 'errno'],
  'sysfs-client': ['platform', 'driver-core', 'kernfs', 'errno'],
  'machine-files': ['platform'],
  replay: ['sysfs-client', 'machine-files', ...MODEL],
  record: ['replay', ...MODEL],
  abi: ['machine-files', ...MODEL],
  'shared-devices': ['platform', 'cxl', 'kernfs', 'errno'],
  media: ['shared-devices', 'fuse', ...MODEL],
  box: ['media', 'shared-devices', 'fuse', 'sysfs-client', 'machine-files', ...MODEL],
  cli: ['box', 'shared-devices', 'replay', 'record', 'sysfs-client', 'machine-files', ...MODEL],
  index: ['sysfs-client', 'machine-files', ...MODEL],
};

const CXL_BASE = ['address', 'objects', 'buses'];

/** The folders of a layer. Files of the layer itself are its base or its top and see all of it. */
export const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  mm: {
    'page-allocator': [],
    zone: ['page-allocator'],
    node: ['zone', 'page-allocator'],
    tier: ['node'],
    failure: ['node', 'zone', 'page-allocator'],
    hotplug: ['failure', 'node', 'zone', 'page-allocator'],
    workload: ['tier', 'node', 'zone', 'page-allocator'],
    proc: ['hotplug', 'node', 'zone', 'page-allocator'],
    boot: ['proc', 'workload', 'hotplug', 'failure', 'tier', 'node', 'zone', 'page-allocator'],
  },
  cxl: {
    address: [],
    objects: ['address'],
    buses: ['objects'],
    decoder: CXL_BASE,
    port: ['decoder', ...CXL_BASE],
    nvdimm: CXL_BASE,
    'dynamic-capacity': CXL_BASE,
    memdev: ['port', 'decoder', ...CXL_BASE],
    region: ['memdev', 'port', 'decoder', ...CXL_BASE],
    firmware: ['region', ...CXL_BASE],
    drivers: ['region', 'memdev', 'dynamic-capacity', 'nvdimm', 'port', 'decoder', ...CXL_BASE],
    'region-drivers': ['region', 'nvdimm', 'dynamic-capacity', ...CXL_BASE],
  },
};
