/**
 * Places the described switches and devices on PCI functions as a BIOS numbers them: depth first, a
 * bus for each downstream port, ports at device number 0, 1, ... of their bus.
 */

import type { RawDownstreamPort, RawHostBridge, RawSwitch } from './schema.ts';
import {
  type DeviceDescription,
  type DownstreamPortDescription,
  isSwitch,
  type SwitchDescription,
} from './types.ts';

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** Makes the device `name` at a PCI function; undefined if there is no such device. */
export type MakeDevice = (name: string, pci: string) => DeviceDescription | undefined;

const DEFAULT_DECODERS = 4;

/** Numbers the buses of one host bridge. */
class BusWalk {
  private readonly domain: string;
  private nextBus: number;
  private readonly makeDevice: MakeDevice;

  constructor(bridge: string, makeDevice: MakeDevice) {
    const [domain, bus] = bridge.split(':');
    this.domain = domain ?? '0000';
    this.nextBus = Number.parseInt(bus ?? '0', 16) + 1;
    this.makeDevice = makeDevice;
  }

  ports(raw: readonly RawDownstreamPort[], bus: number): DownstreamPortDescription[] {
    return raw.map((port, index) => ({
      id: port.id ?? index,
      pci: port.pci ?? `${this.domain}:${hex2(bus)}:${hex2(index)}.0`,
      below: this.below(port),
    }));
  }

  private below(port: RawDownstreamPort): DeviceDescription | SwitchDescription | undefined {
    const bus = this.takeBus(port.device_pci ?? port.switch?.pci);
    if (port.switch !== undefined) return this.switch(port.switch, bus);
    if (port.device === undefined) return undefined;
    return this.makeDevice(port.device, port.device_pci ?? `${this.domain}:${hex2(bus)}:00.0`);
  }

  private switch(raw: RawSwitch, bus: number): SwitchDescription {
    const pci = raw.pci ?? `${this.domain}:${hex2(bus)}:00.0`;
    const inner = this.takeBus(raw.ports[0]?.pci);
    return { pci, decoders: raw.decoders ?? DEFAULT_DECODERS, ports: this.ports(raw.ports, inner) };
  }

  /** The next bus, or the one that an explicit address names; numbering goes on behind it. */
  private takeBus(pci: string | undefined): number {
    const bus = pci === undefined ? this.nextBus : Number.parseInt(pci.split(':')[1] ?? '0', 16);
    this.nextBus = bus + 1;
    return bus;
  }
}

/** The ports below a host bridge at `pci` (`0000:0c`). */
export function rootPorts(
  raw: RawHostBridge,
  pci: string,
  makeDevice: MakeDevice,
): DownstreamPortDescription[] {
  const bus = Number.parseInt(pci.split(':')[1] ?? '0', 16);
  return new BusWalk(pci, makeDevice).ports(raw.root_ports ?? [], bus);
}

/** A bridge with one root port needs no HDM decoders: everything goes to that port. */
export function bridgeDecoders(raw: RawHostBridge): number {
  return raw.decoders ?? ((raw.root_ports ?? []).length === 1 ? 0 : DEFAULT_DECODERS);
}

/** Every PCI function in the tree, with the word for what it is. */
export function* functions(
  ports: readonly DownstreamPortDescription[],
): Iterable<{ pci: string; what: string }> {
  for (const { pci, id, below } of ports) {
    yield { pci, what: `port ${id}` };
    if (below === undefined) continue;
    yield { pci: below.pci, what: isSwitch(below) ? 'a switch' : `device '${below.name}'` };
    if (isSwitch(below)) yield* functions(below.ports);
  }
}
