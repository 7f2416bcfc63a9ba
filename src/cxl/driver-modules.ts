/**
 * Which CXL driver comes with which module.
 */
import type { CxlDriver } from './cxl-bus.ts';
import { cxlAcpiDriver } from './cxl-acpi.ts';
import { cxlMemDriver } from './cxl-mem.ts';
import { cxlPciDriver } from './cxl-pci.ts';
import { cxlNvdimmBridgeDriver, cxlNvdimmDriver } from './cxl-pmem.ts';
import { cxlPmemRegionDriver } from './cxl-pmem-region.ts';
import { cxlPortDriver } from './cxl-port.ts';
import type { MemoryHardware } from './memory-hardware.ts';
import type { CxlModule } from './modules.ts';
import type { PciTree } from './pci-bus.ts';
import { PciFunction } from './pci-function.ts';
import type { CxlSubsystem } from './subsystem.ts';

/** Memory functions that no driver holds, in order of arrival. */
function unboundMemory(pci: PciTree): MemoryHardware[] {
  const unbound = pci.bus.list().filter((device) => device.driver === undefined);
  return unbound
    .map(({ object }) => (object instanceof PciFunction ? object.memory : undefined))
    .filter((memory) => memory !== undefined);
}

export interface ModuleOptions {
  readonly modular: boolean;
  readonly regionDrivers: readonly CxlDriver[];
  readonly daxRegionDriver?: CxlDriver | undefined;
}

/** The modules of a kernel; with `modular` false their drivers are built in and know no module. */
export function cxlModules(subsystem: CxlSubsystem, options: ModuleOptions): CxlModule[] {
  const { bus, pci, platformBus, memdevNumbers } = subsystem;
  const named = (name: string): string | undefined => (options.modular ? name : undefined);
  const { daxRegionDriver } = options;
  return [
    {
      name: 'cxl_core',
      uses: [],
      register: () => options.regionDrivers.map((driver) => bus.registerDriver({ ...driver, module: named('cxl_core') })),
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
        bus.registerDriver(cxlPmemRegionDriver(subsystem, named('cxl_pmem'))),
      ],
    },
    {
      name: 'cxl_acpi',
      uses: ['cxl_core', 'cxl_port'],
      register: () => [platformBus.registerDriver(cxlAcpiDriver(subsystem, pci.hostBridges, named('cxl_acpi')))],
    },
    {
      name: 'dax_cxl',
      uses: ['cxl_core'],
      register: () =>
        daxRegionDriver === undefined ? [] : [bus.registerDriver({ ...daxRegionDriver, module: named('dax_cxl') })],
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
