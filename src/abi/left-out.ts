/** What the kernel can have and no machine here shows, and why: part of docs/abi.md. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'power/ of any device':
    'left out by choice: runtime power management says nothing about CXL, DAX or memory',
  '/sys/bus/node/devices/nodeN/hugepages/': 'left out: pools of huge pages are not simulated',
  '/sys/devices/system/memory/probe': 'the recorded kernels are built without ARCH_MEMORY_PROBE',
  'extended_linear_cache_size of regions': 'hidden unless the platform has such a cache; none does',
  'security/erase of memory devices':
    'hidden unless the device has the command; those of machine files do not',
  'dirty_shutdown of nmemN': 'hidden: the emulated devices do not count dirty shutdowns',
  'rcd_link_cap, rcd_link_ctrl, rcd_link_status': 'restricted CXL devices are not simulated',
  'driver cxl_pmu and its devices': 'performance counters are not simulated',
  'EDAC devices of regions': 'not simulated',
  'driver_override, new_id, remove_id of pci and platform': 'not simulated',
  'hmem.N devices and the parameter dax_hmem.region_idle':
    'no machine has soft-reserved memory outside of CXL windows',
  'coredump, state_synced, online of devices':
    'no driver or bus of the model has them, memory blocks aside',
  'the files of cxl_test': 'the mock topology is not simulated',
};
