/**
 * The CXL subsystem of one machine: its buses, id allocators and objects. `boot.ts` makes it; the
 * drivers fill it.
 *
 * Ownership: a port holds its dports, decoders and child ports as managed resources of its device
 * (devres), so that releasing the port's driver takes all of them down in reverse order of
 * creation. The root is held by the driver of ACPI0017, an endpoint by its parent port, a memdev by
 * the driver of its PCI function.
 */
import type { Device } from '../driver-core/device.ts';
import type { DeviceClass } from '../driver-core/device-class.ts';
import { Ida } from '../driver-core/ida.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { MemoryManagement } from '../mm/memory-management.ts';
import type { CxlBus } from './buses/cxl-bus.ts';
import type { PciTree } from './buses/pci-bus.ts';
import type { PlatformBus } from './buses/platform-device.ts';
import type { CxlConfig } from './config.ts';
import type { MemdevNumbers } from './memdev/numbers.ts';
import type { CxlModules } from './modules.ts';
import type { NdSubsystem } from './nvdimm/nd-bus.ts';
import type { RootDecoder } from './objects/decoder.ts';
import type { HdmHardware } from './objects/hdm-register.ts';
import type { Memdev } from './objects/memdev.ts';
import type { Port } from './objects/port.ts';
import type { RegionOperations } from './objects/region.ts';
import type { RegionIds } from './objects/region-ids.ts';

/** Character device majors, which a kernel allocates dynamically. */
export interface Majors {
  readonly cxl: number;
  readonly ndctl: number;
  readonly nmem: number;
}

export interface CxlParts {
  readonly kernel: Kernel;
  readonly mm: MemoryManagement;
  readonly config: CxlConfig;
  readonly majors: Majors;
  readonly bus: CxlBus;
  readonly platformBus: PlatformBus;
  readonly pci: PciTree;
  readonly modules: CxlModules;
  readonly nd: NdSubsystem;
  readonly firmwareClass: DeviceClass;
  readonly hardware: HdmHardware;
  readonly memdevNumbers: MemdevNumbers;
  readonly regionIds: RegionIds;
}

export interface CxlSubsystem extends CxlParts {
  readonly regions: RegionOperations;
  /** One allocator for root, host bridge, switch and endpoint ports. */
  readonly portIds: Ida;
  readonly nvdimmBridgeIds: Ida;
  /** Present while ACPI0017 is bound to cxl_acpi. */
  rootPort: Port | undefined;
  /** By id; empty without a root port. */
  readonly rootDecoders: RootDecoder[];
  /** By id. */
  readonly memdevs: Map<number, Memdev>;
  /** Host bridge and switch ports by the device they are of. */
  readonly ports: Map<Device, Port>;
  /** Called with the dax device whose memory was taken from the host by force. */
  readonly lossListeners: ((name: string) => void)[];
}

/** `regionOperations` is called once, with the subsystem still empty. */
export function createSubsystem(
  parts: CxlParts,
  regionOperations: (subsystem: CxlSubsystem) => RegionOperations,
): CxlSubsystem {
  const subsystem: CxlSubsystem = {
    ...parts,
    get regions() {
      return regions;
    },
    portIds: new Ida(),
    nvdimmBridgeIds: new Ida(),
    rootPort: undefined,
    rootDecoders: [],
    memdevs: new Map(),
    ports: new Map(),
    lossListeners: [],
  };
  const regions = regionOperations(subsystem);
  return subsystem;
}
