/**
 * Decoder devices of host bridges, switches and endpoints, made from what the HDM registers say
 * (`devm_cxl_enumerate_decoders`, `drivers/cxl/core/hdm.c`, 7.2).
 */

import { Device, type DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { PAGE_SIZE } from '../../units.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import { HostBridge } from '../buses/pci-bus.ts';
import { PciFunction } from '../buses/pci-function.ts';
import { type AnyDecoder, EndpointDecoder, SwitchDecoder } from '../objects/decoder.ts';
import type { HdmRegister } from '../objects/hdm-register.ts';
import type { Port } from '../objects/port.ts';
import { PORT_FILES } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { endpointDecoderGroups, switchDecoderGroups } from './attributes.ts';
import { reserveFirmwareDpa } from './dpa.ts';

/**
 * What a fresh decoder object shows before a register was read: all that a passthrough decoder ever
 * does.
 */
const UNREAD_GRANULARITY = PAGE_SIZE;
const DEFAULT_SLOTS = 8;

/** Adds the device of a decoder below its port's. */
export function addDecoderDevice<T extends AnyDecoder>(
  subsystem: CxlSubsystem,
  decoder: T,
  type: DeviceType<T>,
): void {
  const device = new Device<T>(subsystem.kernel, {
    name: decoder.name,
    object: decoder,
    parent: decoder.port.device,
    bus: subsystem.bus,
    type,
  });
  decoder.device = device;
  decoder.port.decoders.push(decoder);
  device.add();
}

export function removeDecoderDevice(decoder: AnyDecoder): void {
  decoder.device?.del();
  const { decoders } = decoder.port;
  const index = decoders.indexOf(decoder);
  if (index >= 0) decoders.splice(index, 1);
}

const SWITCH_TYPE: DeviceType<SwitchDecoder> = {
  source: PORT_FILES,
  name: 'cxl_decoder_switch',
  groups: [identityGroup<SwitchDecoder>('cxl_decoder_switch'), ...switchDecoderGroups],
};

const ENDPOINT_TYPE: DeviceType<EndpointDecoder> = {
  source: PORT_FILES,
  name: 'cxl_decoder_endpoint',
  groups: [identityGroup<EndpointDecoder>('cxl_decoder_endpoint'), ...endpointDecoderGroups],
};

function slotsOf(port: Port): number {
  const { object } = port.uport;
  if (object instanceof HostBridge) return object.config.slots ?? DEFAULT_SLOTS;
  return object instanceof PciFunction
    ? (object.switchConfig?.slots ?? DEFAULT_SLOTS)
    : DEFAULT_SLOTS;
}

function possibleDports(port: Port): number {
  const { object } = port.uport;
  if (object instanceof HostBridge) return object.rootPorts.length;
  return object instanceof PciFunction ? object.children.length : 0;
}

/**
 * The decoders of a host bridge or switch port. ENXIO: it has no HDM capability and more than one
 * possible dport.
 */
export function addSwitchDecoders(subsystem: CxlSubsystem, port: Port): void {
  const registers = subsystem.hardware.registersOf(port.uport.name);
  if (registers.length === 0 && possibleDports(port) !== 1) {
    throw new KernelError(
      'ENXIO',
      `${port.name} has several downstream ports and no decoders to choose between them`,
    );
  }
  const decoders =
    registers.length === 0
      ? [passthroughDecoder(port)]
      : registers.map((register, id) => new SwitchDecoder(port, id, slotsOf(port), register));
  for (const decoder of decoders) {
    if (decoder.register !== undefined) readRegister(decoder, decoder.register);
    addDecoderDevice(subsystem, decoder, SWITCH_TYPE);
    port.device?.devres.add(decoder.name, () => removeDecoderDevice(decoder));
  }
}

/** devm_cxl_add_passthrough_decoder() */
function passthroughDecoder(port: Port): SwitchDecoder {
  const decoder = new SwitchDecoder(port, 0, 1);
  decoder.interleaveGranularity = UNREAD_GRANULARITY;
  return decoder;
}

/** init_hdm_decoder(): what firmware, or an earlier life of the port, left in the register. */
function readRegister(decoder: SwitchDecoder | EndpointDecoder, register: HdmRegister): void {
  decoder.hpa = { ...register.range };
  decoder.interleaveWays = register.interleaveWays;
  decoder.interleaveGranularity = register.interleaveGranularity;
  decoder.locked = register.locked;
  decoder.enabled = register.committed;
  if (register.committed) decoder.port.commitEnd = decoder.id;
}

/**
 * The decoders of an endpoint, in id order. Each is undone in reverse: out of its region, then off
 * the bus.
 */
export function addEndpointDecoders(
  subsystem: CxlSubsystem,
  port: Port,
  registers: readonly HdmRegister[],
): void {
  for (const [id, register] of registers.entries()) {
    const decoder = new EndpointDecoder(port, id, register);
    readRegister(decoder, register);
    port.device?.devres.add(`DPA of ${decoder.name}`, () => {
      decoder.dpa = undefined;
    });
    if (register.committed) reserveFirmwareDpa(decoder, register);
    addDecoderDevice(subsystem, decoder, ENDPOINT_TYPE);
    port.device?.devres.add(decoder.name, () => unregisterEndpointDecoder(subsystem, decoder));
  }
}

/** cxld_unregister(): the region lets go of the decoder unconditionally. */
function unregisterEndpointDecoder(subsystem: CxlSubsystem, decoder: EndpointDecoder): void {
  decoder.mode = 'none';
  subsystem.regions.detachDecoder(decoder);
  removeDecoderDevice(decoder);
}
