/**
 * PCI functions: what each kind of CXL component shows on the bus `pci`.
 */

import type { DeviceType } from '../../driver-core/device.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import type { SwitchConfig } from '../config.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import { PCI_FILES } from '../sources.ts';

export type PciRole = 'root-port' | 'upstream' | 'downstream' | 'memory';

interface PciIdentity {
  readonly vendor: number;
  readonly device: number;
  readonly class: number;
}

/** As QEMU's emulated components identify themselves. */
const IDENTITIES: Readonly<Record<PciRole, PciIdentity>> = {
  'root-port': { vendor: 0x8086, device: 0x7075, class: 0x060400 },
  upstream: { vendor: 0x19e5, device: 0xa128, class: 0x060400 },
  downstream: { vendor: 0x19e5, device: 0xa129, class: 0x060400 },
  memory: { vendor: 0x8086, device: 0x0d93, class: 0x050210 },
};

/** One function; it stays in its slot while the kernel's device comes and goes. */
export class PciFunction {
  readonly address: string;
  readonly role: PciRole;
  /** PCIe port number of a root or downstream port: the dport id. */
  readonly portNumber: number;
  readonly children: PciFunction[] = [];
  readonly memory: MemoryHardware | undefined;
  readonly switchConfig: SwitchConfig | undefined;
  /** False while it is pulled out of its slot. */
  plugged = true;
  /** Of a root or downstream port: false while what is below it cannot be reached. */
  linkUp = true;

  constructor(
    address: string,
    role: PciRole,
    parts: { portNumber?: number; memory?: MemoryHardware; switchConfig?: SwitchConfig } = {},
  ) {
    this.address = address;
    this.role = role;
    this.portNumber = parts.portNumber ?? 0;
    this.memory = parts.memory;
    this.switchConfig = parts.switchConfig;
  }

  get identity(): PciIdentity {
    return IDENTITIES[this.role];
  }

  get numaNode(): number {
    return this.memory?.config.numaNode ?? -1;
  }

  get modalias(): string {
    const { vendor, device, class: code } = this.identity;
    const word = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');
    const byte = (shift: number): string =>
      ((code >> shift) & 0xff).toString(16).toUpperCase().padStart(2, '0');
    return `pci:v${word(vendor)}d${word(device)}sv00000000sd00000000bc${byte(16)}sc${byte(8)}i${byte(0)}`;
  }
}

function padded(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

const ATTRIBUTES: readonly Attribute<PciFunction>[] = [
  { name: 'vendor', mode: 0o444, show: ({ identity }) => `${padded(identity.vendor, 4)}\n` },
  { name: 'device', mode: 0o444, show: ({ identity }) => `${padded(identity.device, 4)}\n` },
  { name: 'subsystem_vendor', mode: 0o444, show: () => `${padded(0, 4)}\n` },
  { name: 'subsystem_device', mode: 0o444, show: () => `${padded(0, 4)}\n` },
  { name: 'revision', mode: 0o444, show: () => '0x00\n' },
  { name: 'class', mode: 0o444, show: ({ identity }) => `${padded(identity.class, 6)}\n` },
  { name: 'numa_node', mode: 0o444, show: ({ numaNode }) => `${numaNode}\n` },
  { name: 'modalias', mode: 0o444, show: ({ modalias }) => `${modalias}\n` },
];

export const PCI_FUNCTION_TYPE: DeviceType<PciFunction> = {
  groups: [{ attributes: ATTRIBUTES }],
  source: PCI_FILES,
};

/** pci_uevent() */
export function pciVariables(pci: PciFunction): [string, string][] {
  const { vendor, device, class: code } = pci.identity;
  const upper = (value: number): string => value.toString(16).toUpperCase();
  return [
    ['PCI_CLASS', upper(code)],
    ['PCI_ID', `${upper(vendor).padStart(4, '0')}:${upper(device).padStart(4, '0')}`],
    ['PCI_SUBSYS_ID', '0000:0000'],
    ['PCI_SLOT_NAME', pci.address],
    ['MODALIAS', pci.modalias],
  ];
}
