/**
 * What a machine file says of boot parameters, NUMA nodes and firmware performance tables.
 */
import { z } from 'zod';
import { ZONE_NAMES } from '../../mm/config.ts';
import { ONLINE_TYPES } from '../../mm/hotplug/online-type.ts';
import { PAGE_SIZE } from '../../units.ts';
import {
  address,
  flag,
  idList,
  integer,
  limited,
  list,
  size,
  switchWord,
  text,
  word,
} from './leaves.ts';
import { LIMITS } from './limits.ts';

export const range = z.strictObject({
  base: address.describe('First address.'),
  size: size.describe('Bytes, such as 2GiB.'),
});

/** A NUMA node. */
export const nodeNumber = limited(LIMITS.nodes - 1, 'a node');

export const boot = z.strictObject({
  auto_online_blocks: word(ONLINE_TYPES)
    .optional()
    .describe(
      'How hotplugged memory is onlined automatically (memhp_default_state=). Default: offline, with abi mainline-7.2 online.',
    ),
  memmap_on_memory: switchWord(['N', 'Y', 'force'])
    .optional()
    .describe(
      'Whether hotplugged memory hosts its own page structures (memory_hotplug.memmap_on_memory=). Default: N.',
    ),
  online_policy: word(['contig-zones', 'auto-movable'])
    .optional()
    .describe('How the kernel chooses the zone (memory_hotplug.online_policy=).'),
  auto_movable_ratio: integer
    .optional()
    .describe('Movable to kernel memory in percent, for auto-movable. Default: 301.'),
  auto_movable_numa_aware: flag
    .optional()
    .describe('Whether auto-movable keeps the ratio in each node too. Default: true.'),
  movable_node: flag.optional().describe('The kernel parameter movable_node. Default: false.'),
  hypervisor: flag
    .optional()
    .describe(
      'The processor reports a hypervisor: committing a region then fails with ENXIO. Default: false.',
    ),
  modules: z
    .union([list(text, LIMITS.modules), word(['builtin'])], {
      error: 'expected builtin or a list of module names',
    })
    .optional()
    .describe('builtin, or the modules that the boot loads. Default: builtin.'),
});

/** Page frame numbers and counts of pages. */
const pages = limited(LIMITS.address / PAGE_SIZE, 'a number of pages');

const zone = z.strictObject({
  zone: word(ZONE_NAMES).describe('The zone that these figures describe.'),
  start_pfn: pages.describe('First page frame.'),
  spanned: pages.describe('Pages from the first to the last, holes included.'),
  present: pages.describe('Pages that exist.'),
  managed: pages.describe('Pages that the allocator has.'),
});

const distance = limited(LIMITS.distance, 'a distance');

export const node = z.strictObject({
  id: nodeNumber.optional().describe('The number of the node. Default: its place in the list.'),
  cpus: idList(LIMITS.cpus).optional().describe('Its processors, such as "0-3,8". Default: none.'),
  memory: list(range, LIMITS.ranges).optional().describe('Its memory at boot. Default: none.'),
  distances: z
    .union([list(distance, LIMITS.nodes), z.record(z.string(), distance)], {
      error: 'expected a list or a map of distances',
    })
    .optional()
    .describe(
      'The SLIT: distances to the nodes 0, 1, ..., or a map by node. Default: 10 to itself, 20 to others.',
    ),
  zones: list(zone, ZONE_NAMES.length)
    .optional()
    .describe('Exact figures of the zones at boot, in pages. Default: derived from the memory.'),
});

const matrix = z.array(z.array(integer));
const figures = (what: string) =>
  matrix.optional().describe(`${what}: a row for each initiator, a column for each target.`);

const cache = z.strictObject({
  node: nodeNumber.describe('The node whose memory it caches.'),
  level: limited(255, 'a level').optional().describe('Default: 1.'),
  size: size.describe('Bytes.'),
  line_size: integer.optional().describe('Bytes. Default: 64.'),
  indexing: integer
    .optional()
    .describe('As sysfs shows it: 0 direct mapped, 1 others. Default: 0.'),
  write_policy: integer
    .optional()
    .describe('As sysfs shows it: 0 write-back, 1 write-through. Default: 0.'),
  address_mode: integer.optional().describe('As sysfs shows it. Default: not shown.'),
});

export const hmat = z.strictObject({
  initiators: list(nodeNumber, LIMITS.nodes).describe('Nodes that access memory: the rows.'),
  targets: list(nodeNumber, LIMITS.nodes).describe(
    'Nodes of memory and of generic ports: the columns.',
  ),
  latency: figures('Nanoseconds, for reading and writing'),
  read_latency: figures('Nanoseconds'),
  write_latency: figures('Nanoseconds'),
  bandwidth: figures('MB/s, for reading and writing'),
  read_bandwidth: figures('MB/s'),
  write_bandwidth: figures('MB/s'),
  local: z
    .record(z.string(), nodeNumber)
    .optional()
    .describe('For a target, the initiator to which it is attached.'),
  caches: list(cache, LIMITS.ranges).optional().describe('Memory-side caches.'),
});
