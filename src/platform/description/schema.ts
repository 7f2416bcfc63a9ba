/**
 * What a machine description may contain. Most keys are optional: `resolve.ts` fills in the
 * defaults. The `checks-*.ts` compare one part with another.
 */
import { z } from 'zod';
import type { FaultValue } from '../faults/declaration.ts';
import { FAULT_DECLARATIONS } from '../faults/kinds/index.ts';
import { ABI_PROFILES } from '../profiles/index.ts';
import { address, duration, idList, limited, list, named, size, text, word } from './leaves.ts';
import { LIMITS } from './limits.ts';
import { device, hostBridge, region, sharedName, window } from './schema-cxl.ts';
import { boot, hmat, node, range } from './schema-memory.ts';
import { DAX_MEMORY_MODES } from './types.ts';

export type { RawDownstreamPort, RawSwitch } from './schema-cxl.ts';

const count = limited(Number.MAX_SAFE_INTEGER);

/** By type of value: how people write it. */
const FAULT_LEAVES: Readonly<Record<FaultValue['type'], z.ZodType<string | number>>> = {
  word: text,
  name: text,
  number: count,
  time: duration,
  address,
};

function faultShape(): Record<string, z.ZodOptional<z.ZodType<string | number>>> {
  const leaf = (value: FaultValue, about: string) =>
    FAULT_LEAVES[value.type].optional().describe(about);
  return Object.fromEntries(
    FAULT_DECLARATIONS.flatMap(({ name, key, about, operand, options }) => [
      ...options.map((option) => [
        option.key,
        leaf(option.value, `With ${name}: ${option.about}.`),
      ]),
      [key, leaf(operand.value, `Fault ${name}: ${about}. The value: ${operand.about}.`)],
    ]),
  );
}

/** The keys of all kinds; which go together is compared in `checks-faults.ts`. */
const fault = z.strictObject(faultShape());

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
    .describe('Address bits that hot-added memory can use. Default: 46.'),
  nodes: list(node, LIMITS.nodes)
    .optional()
    .describe('NUMA nodes that are online at boot. Default: node 0 with CPU 0 and 2GiB.'),
  possible_nodes: idList(LIMITS.nodes)
    .optional()
    .describe('Further possible nodes, in addition to those of nodes and windows.'),
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
    .describe('Regions that exist after the boot, created in this order. Default: none.'),
  faults: list(fault, LIMITS.faults)
    .optional()
    .describe('Faults that the machine has from its boot. Default: none.'),
  dax_memory: word(DAX_MEMORY_MODES)
    .optional()
    .describe('How a box serves dax devices. Default: direct.'),
  media: text
    .optional()
    .describe(
      'A folder, relative to this file, that keeps the contents of devices. Default: none.',
    ),
  host: sharedName
    .optional()
    .describe(
      'Name of the machine among the hosts of its shared devices. Default: host0, host1, ...',
    ),
});

export type RawMachine = z.infer<typeof machineSchema>;
export type RawNode = z.infer<typeof node>;
export type RawDevice = z.infer<typeof device>;
export type RawWindow = z.infer<typeof window>;
export type RawHostBridge = z.infer<typeof hostBridge>;
export type RawHmat = z.infer<typeof hmat>;
export type RawFault = Readonly<Record<string, string | number | undefined>>;
export type RawRegion = z.infer<typeof region>;
