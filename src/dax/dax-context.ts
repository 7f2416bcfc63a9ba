/**
 * What all parts of one machine's dax subsystem share.
 */

import type { Ida } from '../driver-core/ida.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { MemoryHotplug } from '../mm/hotplug/memory-hotplug.ts';
import type { ResourceTree } from '../mm/resource.ts';
import type { MemoryTiers } from '../mm/tier/memory-tier.ts';
import type { DaxBus } from './dax-bus.ts';
import type { DaxDevice } from './dax-device.ts';
import type { DaxRegion } from './dax-region.ts';

/** The part of memory management that the dax drivers use. */
export interface DaxMemory {
  readonly iomem: Pick<ResourceTree, 'request' | 'release' | 'intersectsBusySystemRam'>;
  readonly hotplug: Pick<
    MemoryHotplug,
    | 'blockSize'
    | 'defaultOnlineType'
    | 'memmapOnMemorySupported'
    | 'hasOnlineMemory'
    | 'registerStaticGroup'
    | 'unregisterGroup'
    | 'addDriverManagedMemory'
    | 'removeMemory'
  >;
  readonly tiers: Pick<
    MemoryTiers,
    'initNodeMemoryType' | 'clearNodeMemoryType' | 'calculateDistance'
  >;
}

export interface DaxContext {
  readonly kernel: Kernel;
  readonly memory: DaxMemory;
  readonly bus: DaxBus;
  /** Device number under which `dax` is registered. */
  readonly major: number;
  /** One pool for the whole kernel, so a device's minor is not its instance id. */
  readonly minors: Ida;
  /** The private resource tree "DAX Regions". */
  readonly regions: Set<DaxRegion>;
  /**
   * True (explicit region drivers): a device takes the system's online policy when it is made.
   * False (mainline): memory hotplug takes the policy when kmem adds the memory.
   */
  readonly captureDefaultOnlineType: boolean;
  /** True while a program has the device's node open or mapped. */
  isOpen(name: string): boolean;
  /** To be called when what a file of the device's node can reach has changed. */
  rangesChanged(dax: DaxDevice): void;
}
