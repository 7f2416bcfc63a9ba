/**
 * What `memN` shows (`drivers/cxl/core/memdev.c`, 7.2).
 */

import type { Attribute, AttributeGroup } from '../../kernfs/attribute.ts';
import { hex } from '../../kernfs/format.ts';
import type { Memdev } from '../objects/memdev.ts';
import { PARTITION_MODES, type PartitionMode } from '../objects/partition.ts';
import { DYNAMIC_CAPACITY_FILES, MEMDEV_FILES } from '../sources.ts';
import { SECURITY_GROUP } from './security.ts';

const IDENTITY: readonly Attribute<Memdev>[] = [
  { name: 'serial', mode: 0o444, show: ({ hardware }) => `${hex(hardware.config.serial)}\n` },
  {
    name: 'firmware_version',
    mode: 0o444,
    show: ({ hardware }) => `${hardware.mailbox.firmwareVersion}\n`,
  },
  { name: 'payload_max', mode: 0o444, show: ({ hardware }) => `${hardware.config.payloadMax}\n` },
  {
    name: 'label_storage_size',
    mode: 0o444,
    show: ({ hardware }) => `${hardware.config.labelStorageSize}\n`,
  },
  { name: 'numa_node', mode: 0o444, show: ({ hardware }) => `${hardware.config.numaNode}\n` },
];

/**
 * `ram/`, `pmem/`: the directory is always there; `dynamic_ram_a/` with the partition only.
 * `qos_class` is hidden unless it matches a window's.
 */
function partitionGroup(mode: PartitionMode): AttributeGroup<Memdev> {
  return {
    name: mode,
    source: mode === 'dynamic_ram_a' ? DYNAMIC_CAPACITY_FILES : MEMDEV_FILES,
    present: (memdev) => mode !== 'dynamic_ram_a' || memdev.partition(mode) !== undefined,
    attributes: [
      {
        name: 'size',
        mode: 0o444,
        show: (memdev) => `${hex(memdev.partition(mode)?.size ?? 0)}\n`,
      },
      { name: 'qos_class', mode: 0o444, show: (memdev) => `${memdev.qosClasses.get(mode) ?? 0}\n` },
    ],
    visible: (memdev, attribute) =>
      attribute.name === 'qos_class' && !memdev.qosClasses.has(mode) ? 0 : attribute.mode,
  };
}

/** The groups whose visibility changes when QoS classes become known. */
export const QOS_GROUPS = PARTITION_MODES.map(partitionGroup);

export const MEMDEV_GROUPS: readonly AttributeGroup<Memdev>[] = [
  { attributes: IDENTITY, source: MEMDEV_FILES },
  ...QOS_GROUPS,
  SECURITY_GROUP,
];
