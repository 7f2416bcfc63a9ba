/**
 * What a machine description may contain. Most keys are optional: `resolve.ts` fills in the
 * defaults. The `checks-*.ts` compare one part with another.
 */
import { z } from 'zod';
import { address, duration, idList, limited, list, named, size, text, word } from './leaves.ts';
import { LIMITS } from './limits.ts';
import { device, hostBridge, region, sharedName, window } from './schema-cxl.ts';
import { boot, hmat, node, range } from './schema-memory.ts';
import { ABI_PROFILES, DAX_MEMORY_MODES } from './types.ts';

export type { RawDownstreamPort, RawSwitch } from './schema-cxl.ts';

const count = limited(Number.MAX_SAFE_INTEGER);

/**
 * One of the first six keys says what it is; which others go with it is compared in
 * `checks-faults.ts`.
 */
const fault = z.strictObject({
  poison: text.optional().describe('A device with a poisoned line, at dpa.'),
  probe: text.optional().describe('A driver whose probe fails.'),
  hotplug: text.optional().describe('A step of memory hotplug that fails.'),
  slow_online: duration.optional().describe('How long a block takes to go online, such as 100ms.'),
  removed: text.optional().describe('A device that is pulled.'),
  link_down: text
    .optional()
    .describe('A device, or the PCI address of a port, whose link is lost.'),
  dpa: address.optional().describe('With poison: the device physical address, a multiple of 64.'),
  device: text.optional().describe('With probe: the device for which it fails. Default: all.'),
  errno: text.optional().describe('With probe and hotplug: the error, such as EIO.'),
  times: count.optional().describe('How often it strikes. Default: always.'),
  skip: count.optional().describe('How many occasions it lets pass first. Default: 0.'),
});

export const machineSchema = z.strictObject({
  about: text.optional().describe('One sentence for `cxlbox machines`.'),
  abi: word(ABI_PROFILES)
    .optional()
    .describe('Which kernel the machine behaves as. Default: explicit-region-drivers-v1.'),
  boot: boot.optional().describe('Boot parameters.'),
  memory_block_size: size
    .optional()
    .describe('A power of two from 128MiB to 64GiB. Default: 128MiB.'),
  physical_address_bits: limited(LIMITS.addressBits, 'a number of bits')
    .optional()
    .describe('Where memory that can be hot-added ends. Default: 46.'),
  nodes: list(node, LIMITS.nodes)
    .optional()
    .describe('NUMA nodes that are online at boot. Default: node 0 with CPU 0 and 2GiB.'),
  possible_nodes: idList(LIMITS.nodes)
    .optional()
    .describe('Nodes that could ever be, beside those of nodes and windows.'),
  system_ram: list(range, LIMITS.ranges)
    .optional()
    .describe("The System RAM lines of /proc/iomem. Default: the nodes' memory."),
  hmat: hmat.optional().describe('Firmware performance tables. Default: none.'),
  windows: list(window, LIMITS.windows)
    .optional()
    .describe('CXL fixed memory windows. Default: one for each host bridge.'),
  host_bridges: list(hostBridge, LIMITS.hostBridges)
    .optional()
    .describe('CXL host bridges with what is plugged in. Default: none.'),
  devices: named(device, LIMITS.devices)
    .optional()
    .describe('Memory devices by name; ports and regions refer to the names. Default: none.'),
  regions: list(region, LIMITS.regions)
    .optional()
    .describe('Regions that exist when the boot is done, made in this order. Default: none.'),
  faults: list(fault, LIMITS.faults)
    .optional()
    .describe('What is wrong with the machine from its boot on. Default: nothing.'),
  dax_memory: word(DAX_MEMORY_MODES)
    .optional()
    .describe('How a box serves dax devices. Default: direct.'),
  media: text
    .optional()
    .describe('A folder, relative to this file, where contents of devices persist. Default: none.'),
  host: sharedName
    .optional()
    .describe('What other hosts of shared devices call the machine. Default: host0, host1, ...'),
});

export type RawMachine = z.infer<typeof machineSchema>;
export type RawNode = z.infer<typeof node>;
export type RawDevice = z.infer<typeof device>;
export type RawWindow = z.infer<typeof window>;
export type RawHostBridge = z.infer<typeof hostBridge>;
export type RawHmat = z.infer<typeof hmat>;
export type RawFault = z.infer<typeof fault>;
export type RawRegion = z.infer<typeof region>;
