/**
 * Boots the dax subsystem of a machine: the bus, its drivers, and the way in for producers of dax
 * regions.
 */
import type { Device } from '../driver-core/device.ts';
import { Ida } from '../driver-core/ida.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import { createDaxBus } from './dax-bus.ts';
import type { DaxContext, DaxMemory } from './dax-context.ts';
import type { DaxDevice, DaxDeviceView } from './dax-device.ts';
import type { DaxDriverName } from './dax-drivers.ts';
import { loadDaxDriver, registerDaxDrivers, unloadDaxDriver } from './dax-drivers.ts';
import type { DaxRegion, DaxRegionOptions } from './dax-region.ts';
import { createDaxRegion } from './dax-region.ts';

export interface DaxOptions {
  /** Device number of the nodes in /dev. */
  readonly major: number;
  /** The drivers there are from the start. */
  readonly drivers: readonly DaxDriverName[];
  /**
   * True: they are modules, loaded in the order given; false: built in, all in the kernel's own
   * order.
   */
  readonly modular: boolean;
  /** See DaxContext. */
  readonly captureDefaultOnlineType: boolean;
}

export class DaxSubsystem {
  private readonly context: DaxContext;
  private readonly listeners = new Set<(node: DaxDeviceView) => void>();
  private isOpen: (name: string) => boolean = () => false;

  constructor(kernel: Kernel, memory: DaxMemory, options: DaxOptions) {
    this.context = {
      kernel,
      memory,
      bus: createDaxBus(kernel),
      major: options.major,
      minors: new Ida(),
      regions: new Set(),
      captureDefaultOnlineType: options.captureDefaultOnlineType,
      isOpen: (name) => this.isOpen(name),
      rangesChanged: (dax) => this.announce(dax),
    };
    if (options.modular) for (const name of options.drivers) loadDaxDriver(this.context, name);
    else registerDaxDrivers(this.context, options.drivers);
  }

  get bus(): DaxContext['bus'] {
    return this.context.bus;
  }

  /** See createDaxRegion(). */
  createRegion(parent: Device, options: DaxRegionOptions): DaxRegion {
    return createDaxRegion(this.context, parent, options);
  }

  /** See loadDaxDriver(). */
  loadModule(name: DaxDriverName): void {
    loadDaxDriver(this.context, name);
  }

  /** See unloadDaxDriver(). */
  unloadModule(name: DaxDriverName): void {
    unloadDaxDriver(this.context, name);
  }

  /** The dax device of the node /dev/NAME. */
  deviceByNode(name: string): DaxDeviceView | undefined {
    for (const region of this.context.regions) {
      const found = region.devices.find((dax) => dax.name === name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Calls `listener` when the ranges of a device changed or what its node serves did; nodes that
   * come and go are told by devtmpfs. Returns the unsubscriber.
   */
  onRangesChanged(listener: (node: DaxDeviceView) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sets the function that knows which nodes programs have open or mapped. */
  askOpenOf(isOpen: (name: string) => boolean): void {
    this.isOpen = isOpen;
  }

  private announce(dax: DaxDevice): void {
    for (const listener of [...this.listeners]) listener(dax);
  }
}

export function bootDax(kernel: Kernel, memory: DaxMemory, options: DaxOptions): DaxSubsystem {
  return new DaxSubsystem(kernel, memory, options);
}
