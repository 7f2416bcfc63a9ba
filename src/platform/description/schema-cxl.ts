/**
 * What a machine file says of memory devices, windows, host bridges and regions.
 */
import { z } from 'zod';
import { PARTITION_MODES } from '../../cxl/objects/partition.ts';
import {
  address,
  flag,
  integer,
  limited,
  list,
  matching,
  nodeOrNone,
  size,
  text,
  wideInteger,
  word,
} from './leaves.ts';
import { LIMITS } from './limits.ts';
import { nodeNumber } from './schema-memory.ts';
import { SHARED_NAME, WINDOW_RESTRICTIONS } from './types.ts';

const performance = z.strictObject({
  read_latency: integer.optional().describe('Nanoseconds. Default: 150.'),
  write_latency: integer.optional().describe('Nanoseconds. Default: 250.'),
  read_bandwidth: integer.optional().describe('MB/s. Default: 16000.'),
  write_bandwidth: integer.optional().describe('MB/s. Default: 16000.'),
});

export const sharedName = matching(
  SHARED_NAME,
  "a name of letters, digits, '-', '_' and '.', a letter or digit first, 64 at most, and not memN, which is the kernel's name of a device",
);

const decoders = limited(LIMITS.decoders, 'a number of decoders');
const kernelNumber = limited(LIMITS.memdevs - 1, 'a number');

export const device = z.strictObject({
  serial: wideInteger.optional().describe('Default: 0x1000, 0x1001, ... in the order of the file.'),
  ram: size.optional().describe('Volatile capacity, a multiple of 256MiB. Default: none.'),
  pmem: size.optional().describe('Persistent capacity, a multiple of 256MiB. Default: none.'),
  dynamic_ram_a: size
    .optional()
    .describe('Dynamic capacity, a multiple of 256MiB, behind the others. Default: none.'),
  label_storage_size: size.optional().describe('Bytes of the label area. Default: 0.'),
  partition_alignment: size
    .optional()
    .describe(
      'Unit in which ram and pmem can be traded for one another, a multiple of 256MiB. Default: 0, both are fixed.',
    ),
  firmware_version: text.optional().describe('Default: that of the recorded devices.'),
  payload_max: size.optional().describe('Bytes of a mailbox payload. Default: 2048.'),
  numa_node: nodeOrNone.optional().describe('Node of the PCI function, -1 for none. Default: -1.'),
  decoders: decoders.optional().describe('HDM decoders of the endpoint. Default: 4.'),
  performance: z
    .union([performance, word(['none'])], {
      error: 'expected a map of latencies and bandwidths, or none',
    })
    .optional()
    .describe('Contents of its CDAT, or none for a device without a CDAT.'),
  mem: kernelNumber
    .optional()
    .describe('N of the kernel name memN. Default: the order of probing.'),
  endpoint: kernelNumber
    .optional()
    .describe('N of the kernel name endpointN. Default: the order of probing.'),
  shared: sharedName
    .optional()
    .describe('The name by which several hosts share the device. Default: not shared.'),
});

/** The `_UID` of a host bridge. */
const uid = limited(2 ** 32 - 1, 'a uid');

export const window = z.strictObject({
  base: address
    .optional()
    .describe('First address, a multiple of 256MiB. Default: behind all memory.'),
  size: size.optional().describe('Default: as large as the devices below its targets.'),
  ways: limited(LIMITS.ways, 'a number of ways')
    .optional()
    .describe('Host bridges that it interleaves. Default: the number of targets.'),
  granularity: integer
    .optional()
    .describe(
      'Bytes from one host bridge to the next, a power of two from 256 to 16384. Default: 256.',
    ),
  arithmetic: word(['modulo', 'xor']).optional().describe('Default: modulo.'),
  restrictions: list(word(WINDOW_RESTRICTIONS), WINDOW_RESTRICTIONS.length)
    .optional()
    .describe(
      'Types of memory that the window allows, and whether it is fixed. Default: all types, not fixed.',
    ),
  qos_class: limited(65535, 'a QTG id').optional().describe('Default: 0.'),
  targets: list(uid, LIMITS.ways).describe('Uids of host bridges in interleave order.'),
  node: nodeNumber.optional().describe('The NUMA node of its memory. Default: a node of its own.'),
  xor_maps: list(wideInteger, LIMITS.ways)
    .optional()
    .describe('With arithmetic xor: one map for each bit of the ways.'),
});

const pciFunction = matching(
  /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/,
  'a PCI function such as "0000:0c:00.0"',
);
const pciBus = matching(/^[0-9a-f]{4}:[0-9a-f]{2}$/, 'a PCI domain and bus such as "0000:0c"');
const acpiName = matching(/^ACPI0016:[0-9A-F]{2,8}$/, 'an ACPI name such as "ACPI0016:00"');

/** A root port or a switch's downstream port; a switch nests as it does in the machine. */
const downstreamPort = z.strictObject({
  id: limited(LIMITS.ports - 1, 'a port number')
    .optional()
    .describe('The port number. Default: its place in the list.'),
  pci: pciFunction.optional().describe('Its PCI function. Default: numbered depth first.'),
  device: text.optional().describe('The name of the memory device that is plugged in.'),
  device_pci: pciFunction
    .optional()
    .describe('The PCI function of the device. Default: numbered depth first.'),
  get switch() {
    return switchPort.optional().describe('The switch that is plugged in.');
  },
});

const switchPort: z.ZodType<RawSwitch> = z.strictObject({
  pci: pciFunction.optional().describe('PCI function of the upstream port.'),
  decoders: decoders.optional().describe('HDM decoders of the switch. Default: 4.'),
  get ports(): z.ZodArray<typeof downstreamPort> {
    return list(downstreamPort, LIMITS.ports).describe('Its downstream ports.');
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

export const hostBridge = z.strictObject({
  uid: uid.optional().describe('The number by which windows refer to it. Default: 12, 13, ...'),
  pci: pciBus.optional().describe('PCI domain and bus. Default: "0000:0c", "0000:1c", ...'),
  acpi: acpiName.optional().describe('Its ACPI device. Default: "ACPI0016:00", ...'),
  decoders: decoders
    .optional()
    .describe(
      'HDM decoders. Default: 4; 0 with a single root port, which can then route one region.',
    ),
  generic_port: nodeNumber.optional().describe("The node of the firmware's generic port."),
  root_ports: list(downstreamPort, LIMITS.ports).optional().describe('Default: none.'),
});

export const region = z.strictObject({
  window: integer.optional().describe('The number of its window. Default: 0.'),
  type: word(PARTITION_MODES).optional().describe('Default: ram.'),
  ways: integer.optional().describe('Interleave ways; must be the number of devices.'),
  granularity: integer
    .optional()
    .describe('Bytes from one device to the next. Default: that of the window.'),
  devices: list(text, LIMITS.ways).describe('Names of its devices, in target order.'),
  size: size.optional().describe('Default: all the capacity of the devices.'),
  driver: text.optional().describe('The driver to bind after the boot, or none. Default: none.'),
  firmware: flag
    .optional()
    .describe(
      'True: firmware committed the region, and the kernel finds it at boot. Default: false.',
    ),
});
