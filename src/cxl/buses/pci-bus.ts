/**
 * The bus `pci` with the functions below the CXL host bridges: enumeration, `remove` and `rescan`
 * (`drivers/pci/pci-sysfs.c`, 7.2).
 */

import { Bus } from '../../driver-core/bus.ts';
import { Device } from '../../driver-core/device.ts';
import type { Driver } from '../../driver-core/driver.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { kstrtoull } from '../../kernfs/parse.ts';
import {
  arrivalOrder,
  type CxlConfig,
  type DownstreamPortConfig,
  type HostBridgeConfig,
} from '../config.ts';
import { MemoryHardware } from '../objects/memory-hardware.ts';
import { SecurityPoints } from '../objects/security-points.ts';
import { PCI_FILES } from '../sources.ts';
import { PCI_FUNCTION_TYPE, PciFunction, type PciRole, pciVariables } from './pci-function.ts';

export interface PciDriver extends Driver {
  matches(pci: PciFunction): boolean;
}

/** The root of a PCI hierarchy, `pci0000:0c`: for CXL the physical device of a host bridge. */
export class HostBridge {
  readonly config: HostBridgeConfig;
  readonly rootPorts: readonly PciFunction[];
  device: Device<HostBridge> | undefined;

  constructor(config: HostBridgeConfig, rootPorts: readonly PciFunction[]) {
    this.config = config;
    this.rootPorts = rootPorts;
  }
}

/** `remove`, `rescan`: zero does nothing. EINVAL for no number. */
function isTrigger(text: string): boolean {
  try {
    return kstrtoull(text) !== 0n;
  } catch (error) {
    if (error instanceof KernelError) throw new KernelError('EINVAL', error.reason);
    throw error;
  }
}

export class PciTree {
  readonly bus: Bus<PciDriver>;
  /** Passed by all memory devices. */
  readonly security = new SecurityPoints();
  /** In ACPI bus order. */
  readonly hostBridges: readonly HostBridge[];
  private readonly kernel: Kernel;
  private readonly devices = new Map<PciFunction, Device<PciFunction>>();
  private readonly arrivals: ReadonlyMap<string, number>;
  /** Called when a function left, for those who refer to its device. */
  private readonly removalListeners: ((device: Device) => void)[] = [];
  private readonly removalGuards: ((pci: PciFunction) => void)[] = [];

  private readonly removal: AttributeGroup<PciFunction> = {
    attributes: [
      {
        name: 'remove',
        mode: 0o200,
        store: (pci, text) => {
          if (isTrigger(text)) this.stopAndRemove(pci);
        },
      },
      {
        name: 'rescan',
        mode: 0o200,
        store: (_, text) => {
          if (isTrigger(text)) this.scan();
        },
      },
    ],
  };

  constructor(kernel: Kernel, config: CxlConfig) {
    this.kernel = kernel;
    this.arrivals = new Map(arrivalOrder(config).map((device, rank) => [device.address, rank]));
    this.hostBridges = config.hostBridges.map(
      (bridge) => new HostBridge(bridge, functionsOf(bridge.rootPorts, 'root-port', this.security)),
    );
    this.bus = new Bus<PciDriver>(kernel, {
      name: 'pci',
      match: ({ object }, { driver }) => object instanceof PciFunction && driver.matches(object),
      uevent: ({ object }) => (object instanceof PciFunction ? pciVariables(object) : []),
      compare: (a, b) => this.arrivalRank(a) - this.arrivalRank(b),
      attributes: [
        {
          name: 'rescan',
          mode: 0o200,
          source: PCI_FILES,
          store: (_, text) => {
            if (isTrigger(text)) this.scan();
          },
        },
      ],
    });
    for (const bridge of this.hostBridges) {
      bridge.device = new Device<HostBridge>(kernel, {
        name: bridge.config.pciRoot,
        object: bridge,
      }).add();
    }
  }

  /**
   * Calls `guard` before a function leaves through its `remove` file; a KernelError that it throws
   * refuses the write.
   */
  beforeRemoval(guard: (pci: PciFunction) => void): void {
    this.removalGuards.push(guard);
  }

  onRemoval(listener: (device: Device) => void): void {
    this.removalListeners.push(listener);
  }

  /**
   * How early a device is through when all are probed at once: the machine description says how the
   * luck of asynchronous probing fell. Bridges come first.
   */
  arrivalRank({ name }: Device): number {
    return this.arrivals.get(name) ?? -1;
  }

  /** Adds the functions that are not there, depth first. */
  scan(): void {
    for (const { rootPorts, device } of this.hostBridges)
      if (device !== undefined) this.scanBelow(rootPorts, device);
  }

  /** What is not in its slot or behind a dead link does not answer. */
  private scanBelow(functions: readonly PciFunction[], parent: Device): void {
    for (const pci of functions) {
      if (!pci.plugged) continue;
      const device = this.devices.get(pci) ?? this.add(pci, parent);
      if (pci.linkUp) this.scanBelow(pci.children, device);
    }
  }

  /** The function at the address, whether the kernel sees it or not. */
  functionAt(address: string): PciFunction | undefined {
    return this.find(({ address: own }) => own === address);
  }

  /** The port that the function is plugged into; undefined for a root port. */
  parentOf(pci: PciFunction): PciFunction | undefined {
    return this.find(({ children }) => children.includes(pci));
  }

  private find(wanted: (pci: PciFunction) => boolean): PciFunction | undefined {
    const todo = this.hostBridges.flatMap(({ rootPorts }) => [...rootPorts]);
    for (let pci = todo.pop(); pci !== undefined; pci = todo.pop()) {
      if (wanted(pci)) return pci;
      todo.push(...pci.children);
    }
    return undefined;
  }

  /**
   * What is below a port answers no more: the kernel's devices go, without a chance to say goodbye
   * to the hardware.
   */
  loseBelow(port: PciFunction): void {
    for (const child of [...port.children].reverse()) this.remove(child);
  }

  /** What is below a port answers again: the kernel finds it, as far as it sees the port. */
  findBelow(port: PciFunction): void {
    const device = this.devices.get(port);
    if (device !== undefined && port.linkUp) this.scanBelow(port.children, device);
  }

  private add(pci: PciFunction, parent: Device): Device<PciFunction> {
    const device = new Device<PciFunction>(this.kernel, {
      name: pci.address,
      object: pci,
      parent,
      bus: this.bus,
      type: PCI_FUNCTION_TYPE,
      groups: [this.removal],
    });
    this.devices.set(pci, device);
    return device.add();
  }

  private stopAndRemove(pci: PciFunction): void {
    for (const guard of this.removalGuards) guard(pci);
    this.remove(pci);
  }

  /** pci_stop_and_remove_bus_device(): what is below goes first, last child first. */
  private remove(pci: PciFunction): void {
    for (const child of [...pci.children].reverse()) this.remove(child);
    const device = this.devices.get(pci);
    if (device === undefined) return;
    this.devices.delete(pci);
    device.del();
    for (const listener of this.removalListeners) listener(device);
  }
}

function functionsOf(
  ports: readonly DownstreamPortConfig[],
  role: PciRole,
  security: SecurityPoints,
): PciFunction[] {
  return ports.map(({ address, portNumber, below }) => {
    const port = new PciFunction(address, role, { portNumber });
    if (below?.kind === 'memory') {
      port.children.push(
        new PciFunction(below.address, 'memory', { memory: new MemoryHardware(below, security) }),
      );
    }
    if (below?.kind === 'switch') {
      const upstream = new PciFunction(below.address, 'upstream', { switchConfig: below });
      upstream.children.push(...functionsOf(below.downstream, 'downstream', security));
      port.children.push(upstream);
    }
    return port;
  });
}

/** Binds root and switch ports, as the kernel's PCIe port driver does; CXL needs nothing of it. */
export const pcieportDriver: PciDriver = {
  name: 'pcieport',
  matches: ({ role }) => role !== 'memory',
  probe: () => {},
};
