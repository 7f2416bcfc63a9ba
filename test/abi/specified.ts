/**
 * What Linux 7.2 has for CXL, DAX and memory, as far as a machine file can describe the hardware:
 * the list that the tree is checked against. Modes in octal; several where kind or state decides.
 */
import type { AbiProfile } from '../../src/platform/profiles/index.ts';

export interface Specified {
  readonly under: string;
  /** Mode -> names. */
  readonly files: Readonly<Record<string, string>>;
  readonly links?: string;
  /** Absent: both. */
  readonly only?: AbiProfile;
}

const SERIES: AbiProfile = 'explicit-region-drivers-v1';

const BUS = { '0200': 'uevent drivers_probe', '0644': 'drivers_autoprobe' };
const DRIVER = { '0200': 'uevent bind unbind' };
const FIXED_DRIVER = { '0200': 'uevent' };
const ACCESS = { '0444': 'read_bandwidth write_bandwidth read_latency write_latency' };
const DAX_DRIVER = { '0200': 'uevent bind unbind new_id remove_id' };
const CXL = '/sys/bus/cxl';
const DEVICES = `${CXL}/devices`;
const DRIVERS = `${CXL}/drivers`;
const PORT = { '0444': 'decoders_committed devtype modalias', '0644': 'uevent' };

export const SPECIFIED: readonly Specified[] = [
  // Buses and drivers
  { under: CXL, files: { '0200': 'uevent drivers_probe flush', '0644': 'drivers_autoprobe' } },
  { under: '/sys/bus/dax', files: BUS },
  { under: '/sys/bus/memory', files: BUS },
  { under: '/sys/bus/node', files: BUS },
  { under: '/sys/bus/memory_tiering', files: BUS },
  { under: '/sys/bus/nd', files: BUS },
  { under: `${DRIVERS}/cxl_nvdimm_bridge`, files: FIXED_DRIVER, links: 'module nvdimm-bridgeN' },
  { under: `${DRIVERS}/cxl_nvdimm`, files: FIXED_DRIVER, links: 'module pmemN' },
  { under: `${DRIVERS}/cxl_port`, files: DRIVER, links: 'module portN endpointN' },
  { under: `${DRIVERS}/cxl_mem`, files: DRIVER, links: 'module memN' },
  { under: `${DRIVERS}/cxl_region`, files: DRIVER, links: 'module regionN' },
  { under: `${DRIVERS}/cxl_pmem_region`, files: FIXED_DRIVER, links: 'module pmem_regionN' },
  { under: `${DRIVERS}/cxl_dax_region`, files: FIXED_DRIVER, links: 'module dax_regionN' },
  { under: `${DRIVERS}/cxl_devdax_region`, files: DRIVER, links: 'regionN', only: SERIES },
  { under: `${DRIVERS}/cxl_sysram_region`, files: DRIVER, links: 'regionN', only: SERIES },
  { under: `${DRIVERS}/cxl_dax_kmem_region`, files: DRIVER, links: 'sysram_regionN', only: SERIES },
  { under: '/sys/bus/dax/drivers/device_dax', files: DAX_DRIVER, links: 'module daxR.N' },
  { under: '/sys/bus/dax/drivers/kmem', files: DAX_DRIVER, links: 'module daxR.N' },
  { under: '/sys/bus/dax/drivers/fsdev_dax', files: DAX_DRIVER, links: 'module' },
  { under: '/sys/bus/platform/drivers/cxl_acpi', files: DRIVER, links: 'module ACPI0017:NN' },
  { under: '/sys/bus/pci/drivers/cxl_pci', files: DRIVER, links: 'module DDDD:BB:DD.F' },
  // Ports and decoders
  { under: `${DEVICES}/rootN`, files: PORT, links: 'uport dportN subsystem' },
  { under: `${DEVICES}/portN`, files: PORT, links: 'uport parent_dport dportN driver subsystem' },
  {
    under: `${DEVICES}/endpointN`,
    files: { ...PORT, '0400': 'CDAT' },
    links: 'uport parent_dport driver subsystem',
  },
  {
    under: `${DEVICES}/decoderP.N`,
    files: {
      '0400': 'start',
      '0444':
        'size locked interleave_granularity interleave_ways cap_pmem cap_ram cap_type2 cap_type3 target_list qos_class target_type region dpa_resource devtype modalias',
      '0644': 'mode dpa_size create_ram_region create_pmem_region uevent',
      '0200': 'delete_region',
    },
    links: 'subsystem',
  },
  // Regions and what is below them
  {
    under: `${DEVICES}/regionN`,
    files: {
      '0444': 'resource mode locked devtype modalias',
      '0644': 'commit interleave_ways interleave_granularity size targetN uevent',
      '0444, 0644': 'uuid',
    },
    links: 'driver subsystem',
  },
  { under: `${DEVICES}/regionN/access0`, files: ACCESS },
  { under: `${DEVICES}/regionN/access1`, files: ACCESS },
  {
    under: `${DEVICES}/pmem_regionN`,
    files: { '0444': 'devtype modalias', '0644': 'uevent' },
    links: 'driver subsystem',
  },
  {
    under: `${DEVICES}/dax_regionN`,
    files: { '0444': 'devtype modalias', '0644': 'uevent' },
    links: 'driver subsystem',
  },
  {
    under: `${DEVICES}/sysram_regionN`,
    files: { '0444': 'devtype modalias', '0644': 'online_type uevent' },
    links: 'driver subsystem',
    only: SERIES,
  },
  {
    under: `${DEVICES}/dax_regionN/dax_region`,
    files: {
      '0444': 'id size available_size seed',
      '0400': 'align',
      '0644': 'create',
      '0200': 'delete',
    },
  },
  // Memory devices
  {
    under: `${DEVICES}/memN`,
    files: {
      '0444': 'serial firmware_version payload_max label_storage_size numa_node dev',
      '0200': 'trigger_poison_list',
      '0644': 'uevent',
    },
    links: 'driver subsystem',
  },
  { under: `${DEVICES}/memN/ram`, files: { '0444': 'size qos_class' } },
  { under: `${DEVICES}/memN/pmem`, files: { '0444': 'size qos_class' } },
  { under: `${DEVICES}/memN/security`, files: { '0444': 'state', '0200': 'sanitize' } },
  {
    under: '/sys/class/firmware/memN',
    files: { '0444': 'status error remaining_size', '0644': 'loading data', '0200': 'cancel' },
  },
  {
    under: `${DEVICES}/nvdimm-bridgeN`,
    files: { '0444': 'devtype modalias', '0644': 'uevent' },
    links: 'driver',
  },
  {
    under: `${DEVICES}/pmemN`,
    files: { '0444': 'devtype modalias', '0644': 'uevent' },
    links: 'driver',
  },
  { under: '/sys/bus/nd/devices/ndbusN', files: { '0444': 'provider' } },
  { under: '/sys/bus/nd/devices/nmemN/cxl', files: { '0444': 'id provider' } },
  {
    under: '/sys/kernel/debug/cxl/memN',
    files: { '0444': 'dpamem', '0200': 'inject_poison clear_poison' },
  },
  // DAX devices
  {
    under: '/sys/bus/dax/devices/daxR.N',
    files: {
      '0644': 'size align memmap_on_memory uevent',
      '0200': 'mapping',
      '0400': 'resource',
      '0444': 'target_node numa_node modalias dev',
    },
    links: 'subsystem driver',
  },
  {
    under: '/sys/bus/dax/devices/daxR.N/mappingK',
    files: { '0400': 'start end page_offset', '0644': 'uevent' },
  },
  // Memory blocks and nodes
  {
    under: '/sys/devices/system/memory',
    files: {
      '0444': 'block_size_bytes',
      '0644': 'auto_online_blocks uevent',
      '0200': 'soft_offline_page hard_offline_page',
    },
  },
  { under: '/sys/devices/system/memory', files: { '0444': 'crash_hotplug' }, only: 'mainline-7.2' },
  {
    under: '/sys/bus/memory/devices/memoryN',
    files: {
      '0644': 'state online uevent',
      '0444': 'phys_index phys_device removable valid_zones',
    },
    links: 'nodeN subsystem',
  },
  {
    under: '/sys/devices/system/node',
    files: { '0444': 'possible online has_memory has_normal_memory has_cpu has_generic_initiator' },
  },
  {
    under: '/sys/bus/node/devices/nodeN',
    files: {
      '0444': 'cpumap cpulist meminfo numastat vmstat distance',
      '0200': 'compact reclaim',
      '0644': 'uevent',
    },
    links: 'cpuN memoryN subsystem',
  },
  { under: '/sys/bus/node/devices/nodeN/access0/initiators', files: ACCESS, links: 'nodeN' },
  { under: '/sys/bus/node/devices/nodeN/access1/initiators', files: ACCESS, links: 'nodeN' },
  { under: '/sys/bus/node/devices/nodeN/access0/targets', files: {}, links: 'nodeN' },
  {
    under: '/sys/bus/node/devices/nodeN/memory_side_cache/indexN',
    files: { '0444': 'indexing line_size size write_policy address_mode' },
  },
  {
    under: '/sys/bus/node/devices/nodeN/memory_failure',
    files: { '0444': 'total ignored failed delayed recovered' },
  },
  // Tiers, policies, parameters, events
  { under: '/sys/bus/memory_tiering/devices/memory_tierN', files: { '0444': 'nodelist' } },
  { under: '/sys/kernel/mm/numa', files: { '0644': 'demotion_enabled' } },
  { under: '/sys/kernel/mm/mempolicy/weighted_interleave', files: { '0644': 'nodeN' } },
  {
    under: '/sys/module/memory_hotplug/parameters',
    files: {
      '0444': 'memmap_on_memory',
      '0644': 'online_policy auto_movable_ratio auto_movable_numa_aware',
    },
  },
  { under: '/sys/kernel', files: { '0444': 'uevent_seqnum' } },
  // Dynamic capacity
  { under: `${DEVICES}/memN/dynamic_ram_a`, files: { '0444': 'size' } },
  { under: `${DEVICES}/decoderP.N`, files: { '0644': 'create_dynamic_ram_a_region' } },
  { under: `${DEVICES}/dax_regionN/extentR.N`, files: { '0444': 'offset length uuid' } },
  { under: '/sys/bus/dax/devices/daxR.N', files: { '0644': 'uuid' } },
  { under: '/sys/kernel/debug', files: { '0444': 'devices_deferred' } },
  {
    under: '/proc',
    files: { '0444': 'iomem buddyinfo zoneinfo meminfo vmstat', '0400': 'pagetypeinfo' },
  },
];
