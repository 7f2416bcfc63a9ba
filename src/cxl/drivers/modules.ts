/**
 * Which CXL driver comes with which module.
 */

import type { CxlBus, CxlDriver } from '../buses/cxl-bus.ts';
import type { PciTree } from '../buses/pci-bus.ts';
import { PciFunction } from '../buses/pci-function.ts';
import type { CxlModule, Registered } from '../modules.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { cxlAcpiDriver } from './cxl-acpi.ts';
import { cxlMemDriver } from './cxl-mem.ts';
import { cxlPciDriver } from './cxl-pci.ts';
import { cxlNvdimmBridgeDriver, cxlNvdimmDriver } from './cxl-pmem.ts';
import { cxlPortDriver } from './cxl-port.ts';

/** Memory functions that no driver holds, in order of arrival. */
function unboundMemory(pci: PciTree): MemoryHardware[] {
  const unbound = pci.bus.list().filter((device) => device.driver === undefined);
  return unbound
    .sort((a, b) => pci.arrivalRank(a) - pci.arrivalRank(b))
    .map(({ object }) => (object instanceof PciFunction ? object.memory : undefined))
    .filter((memory) => memory !== undefined);
}

export interface ModuleOptions {
  /** True: drivers are modules and show `module` links. False: all is built in. */
  readonly modular: boolean;
  /** Part of the core, in the order in which they get a region offered. */
  readonly regionDrivers: readonly CxlDriver[];
  /** Part of cxl_pmem. */
  readonly pmemRegionDriver?: CxlDriver | undefined;
  /** All of dax_cxl. */
  readonly daxRegionDriver?: CxlDriver | undefined;
}

function registered(bus: CxlBus, driver: CxlDriver | undefined): Registered[] {
  return driver === undefined ? [] : [bus.registerDriver(driver)];
}

/** The modules of a kernel; with `modular` false their drivers are built in and know no module. */
export function cxlModules(subsystem: CxlSubsystem, options: ModuleOptions): CxlModule[] {
  const { bus, pci, platformBus, memdevNumbers } = subsystem;
  const named = (name: string): string | undefined => (options.modular ? name : undefined);
  return [
    {
      name: 'cxl_core',
      uses: [],
      register: () => options.regionDrivers.map((driver) => bus.registerDriver(driver)),
    },
    {
      name: 'cxl_port',
      uses: ['cxl_core'],
      register: () => [bus.registerDriver(cxlPortDriver(subsystem, named('cxl_port')))],
    },
    {
      name: 'cxl_pmem',
      uses: ['cxl_core'],
      register: () => [
        bus.registerDriver(cxlNvdimmBridgeDriver(subsystem, named('cxl_pmem'))),
        bus.registerDriver(cxlNvdimmDriver(subsystem, named('cxl_pmem'))),
        ...registered(bus, options.pmemRegionDriver),
      ],
    },
    {
      name: 'cxl_acpi',
      uses: ['cxl_core', 'cxl_port'],
      register: () => [
        platformBus.registerDriver(cxlAcpiDriver(subsystem, pci.hostBridges, named('cxl_acpi'))),
      ],
    },
    {
      name: 'dax_cxl',
      uses: ['cxl_core'],
      register: () => registered(bus, options.daxRegionDriver),
    },
    {
      name: 'cxl_mem',
      uses: ['cxl_core', 'cxl_port'],
      register: () => [bus.registerDriver(cxlMemDriver(subsystem, named('cxl_mem')))],
    },
    {
      name: 'cxl_pci',
      uses: ['cxl_core', 'cxl_mem'],
      register: () => {
        memdevNumbers.drawAll(unboundMemory(pci));
        return [pci.bus.registerDriver(cxlPciDriver(subsystem, named('cxl_pci')))];
      },
    },
  ];
}
