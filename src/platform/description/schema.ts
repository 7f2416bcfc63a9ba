/**
 * What a machine description may contain. Every key is optional unless its neighbours make it needed; `resolve.ts`
 * fills in the defaults, `checks.ts` compares one part with another.
 */
import { z } from 'zod';
import { PARTITION_MODES } from '../../cxl/objects/partition.ts';
import { ZONE_NAMES } from '../../mm/config.ts';
import { ONLINE_TYPES } from '../../mm/hotplug/online-type.ts';
import type { FaultValue } from '../faults/declaration.ts';
import { FAULT_DECLARATIONS } from '../faults/kinds/index.ts';
import { ABI_PROFILES } from '../profiles/index.ts';
import {
  address,
  duration,
  flag,
  idList,
  integer,
  matching,
  signedInteger,
  size,
  text,
  wideInteger,
  word,
} from './leaves.ts';
import { DAX_MEMORY_MODES, SHARED_NAME, WINDOW_RESTRICTIONS } from './types.ts';

const range = z.strictObject({ base: address, size });

const memmapOnMemory = z.preprocess(
  (value) => (value === true ? 'Y' : value === false ? 'N' : value),
  word(['N', 'Y', 'force']),
);

const boot = z.strictObject({
  auto_online_blocks: word(ONLINE_TYPES).optional(),
  memmap_on_memory: memmapOnMemory.optional(),
  online_policy: word(['contig-zones', 'auto-movable']).optional(),
  auto_movable_ratio: integer.optional(),
  auto_movable_numa_aware: flag.optional(),
  movable_node: flag.optional(),
  hypervisor: flag.optional(),
  modules: z
    .union([z.array(text), word(['builtin'])], {
      error: 'expected builtin or a list of module names',
    })
    .optional(),
});

const zone = z.strictObject({
  zone: word(ZONE_NAMES),
  start_pfn: integer,
  spanned: integer,
  present: integer,
  managed: integer,
});

const node = z.strictObject({
  id: integer.optional(),
  cpus: idList.optional(),
  memory: z.array(range).optional(),
  distances: z
    .union([z.array(integer), z.record(z.string(), integer)], {
      error: 'expected a list or a map of distances',
    })
    .optional(),
  zones: z.array(zone).optional(),
});

/** Latencies in ns, bandwidths in MB/s. */
const performance = z.strictObject({
  read_latency: integer.optional(),
  write_latency: integer.optional(),
  read_bandwidth: integer.optional(),
  write_bandwidth: integer.optional(),
});

const sharedName = matching(
  SHARED_NAME,
  "a name of letters, digits, '-', '_' and '.', a letter or digit first, 64 at most, and not memN, which is the kernel's name of a device",
);

const device = z.strictObject({
  serial: wideInteger.optional(),
  ram: size.optional(),
  pmem: size.optional(),
  dynamic_ram_a: size.optional(),
  label_storage_size: size.optional(),
  firmware_version: text.optional(),
  payload_max: size.optional(),
  numa_node: signedInteger.optional(),
  decoders: integer.optional(),
  performance: z
    .union([performance, word(['none'])], {
      error: 'expected a map of latencies and bandwidths, or none',
    })
    .optional(),
  mem: integer.optional(),
  endpoint: integer.optional(),
  shared: sharedName.optional(),
});

const window = z.strictObject({
  base: address.optional(),
  size: size.optional(),
  ways: integer.optional(),
  granularity: integer.optional(),
  arithmetic: word(['modulo', 'xor']).optional(),
  restrictions: z.array(word(WINDOW_RESTRICTIONS)).optional(),
  qos_class: integer.optional(),
  targets: z.array(integer),
  node: integer.optional(),
  xor_maps: z.array(wideInteger).optional(),
});

const pciFunction = matching(
  /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/,
  'a PCI function such as "0000:0c:00.0"',
);
const pciBus = matching(/^[0-9a-f]{4}:[0-9a-f]{2}$/, 'a PCI domain and bus such as "0000:0c"');
const acpiName = matching(/^ACPI0016:[0-9A-F]{2,}$/, 'an ACPI name such as "ACPI0016:00"');

/** A root port or a switch's downstream port; a switch nests as it does in the machine. */
const downstreamPort = z.strictObject({
  id: integer.optional(),
  pci: pciFunction.optional(),
  device: text.optional(),
  /** The function of the device, where the default numbering does not fit. */
  device_pci: pciFunction.optional(),
  get switch() {
    return switchPort.optional();
  },
});

const switchPort: z.ZodType<RawSwitch> = z.strictObject({
  pci: pciFunction.optional(),
  decoders: integer.optional(),
  get ports(): z.ZodArray<typeof downstreamPort> {
    return z.array(downstreamPort);
  },
});

export interface RawSwitch {
  readonly pci?: string | undefined;
  readonly decoders?: number | undefined;
  readonly ports: readonly RawDownstreamPort[];
}

export interface RawDownstreamPort {
  readonly id?: number | undefined;
  readonly pci?: string | undefined;
  readonly device?: string | undefined;
  readonly device_pci?: string | undefined;
  readonly switch?: RawSwitch | undefined;
}

const hostBridge = z.strictObject({
  uid: integer.optional(),
  pci: pciBus.optional(),
  acpi: acpiName.optional(),
  decoders: integer.optional(),
  generic_port: integer.optional(),
  root_ports: z.array(downstreamPort).optional(),
});

const matrix = z.array(z.array(integer));

const hmat = z.strictObject({
  initiators: z.array(integer),
  targets: z.array(integer),
  latency: matrix.optional(),
  read_latency: matrix.optional(),
  write_latency: matrix.optional(),
  bandwidth: matrix.optional(),
  read_bandwidth: matrix.optional(),
  write_bandwidth: matrix.optional(),
  local: z.record(z.string(), integer).optional(),
  caches: z
    .array(
      z.strictObject({
        node: integer,
        level: integer.optional(),
        size,
        line_size: integer.optional(),
        indexing: integer.optional(),
        write_policy: integer.optional(),
        address_mode: integer.optional(),
      }),
    )
    .optional(),
});

const region = z.strictObject({
  window: integer.optional(),
  type: word(PARTITION_MODES).optional(),
  ways: integer.optional(),
  granularity: integer.optional(),
  devices: z.array(text),
  size: size.optional(),
  driver: text.optional(),
  firmware: flag.optional(),
});

/** By type of value: how people write it. */
const FAULT_LEAVES: Readonly<Record<FaultValue['type'], z.ZodType<string | number>>> = {
  word: text,
  name: text,
  number: integer,
  time: duration,
  address,
};

function faultShape(): Record<string, z.ZodOptional<z.ZodType<string | number>>> {
  const leaf = (value: FaultValue) => FAULT_LEAVES[value.type].optional();
  return Object.fromEntries(
    FAULT_DECLARATIONS.flatMap(({ key, operand, options }) => [
      [key, leaf(operand.value)],
      ...options.map((option) => [option.key, leaf(option.value)]),
    ]),
  );
}

/** The keys of all kinds; which go together is compared in `checks-faults.ts`. */
const fault = z.strictObject(faultShape());

export const machineSchema = z.strictObject({
  about: text.optional(),
  abi: word(ABI_PROFILES).optional(),
  boot: boot.optional(),
  memory_block_size: size.optional(),
  physical_address_bits: integer.optional(),
  nodes: z.array(node).optional(),
  possible_nodes: idList.optional(),
  system_ram: z.array(range).optional(),
  hmat: hmat.optional(),
  windows: z.array(window).optional(),
  host_bridges: z.array(hostBridge).optional(),
  devices: z.record(z.string(), device).optional(),
  regions: z.array(region).optional(),
  faults: z.array(fault).optional(),
  dax_memory: word(DAX_MEMORY_MODES).optional(),
  media: text.optional(),
  host: sharedName.optional(),
});

export type RawMachine = z.infer<typeof machineSchema>;
export type RawNode = z.infer<typeof node>;
export type RawDevice = z.infer<typeof device>;
export type RawWindow = z.infer<typeof window>;
export type RawHostBridge = z.infer<typeof hostBridge>;
export type RawHmat = z.infer<typeof hmat>;
export type RawFault = Readonly<Record<string, string | number | undefined>>;
export type RawRegion = z.infer<typeof region>;
