/**
 * Boots the CXL side of a machine: buses, PCI and ACPI devices, drivers in an order that a real
 * boot shows.
 */
import { DeviceClass } from '../driver-core/device-class.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { MemoryManagement } from '../mm/memory-management.ts';
import { addAcpiCompanion, createAcpiBus } from './buses/acpi.ts';
import { createCxlBus } from './buses/cxl-bus.ts';
import { PciTree, pcieportDriver } from './buses/pci-bus.ts';
import { addPlatformDevice, createPlatformBus, type PlatformBus } from './buses/platform-device.ts';
import type { CxlConfig, DownstreamPortConfig } from './config.ts';
import { ACPI0017_MODALIAS } from './drivers/cxl-acpi.ts';
import { cxlModules, type ModuleOptions } from './drivers/modules.ts';
import { programFirmwareRegions } from './firmware/committed-region.ts';
import { CXL_DEBUGFS } from './memdev/debugfs.ts';
import { MemdevNumbers } from './memdev/numbers.ts';
import { CxlModules } from './modules.ts';
import { NdSubsystem } from './nvdimm/nd-bus.ts';
import { HdmHardware } from './objects/hdm-register.ts';
import type { RegionOperations } from './objects/region.ts';
import { RegionIds } from './objects/region-ids.ts';
import { forgetDportDevice } from './port/dport.ts';
import {
  isBelow,
  refuseDetachUnderKernelMemory,
  refuseUnroutedKernelMemory,
} from './region/safety.ts';
import { type CxlSubsystem, createSubsystem, type Majors } from './subsystem.ts';

/** Region drivers are given as they are: their `module` is the giver's business. */
export interface CxlBootOptions extends ModuleOptions {
  /** Called once, with the subsystem still empty. */
  regionOperations(subsystem: CxlSubsystem): RegionOperations;
  /** Whether uevents of firmware devices name the firmware; default true. */
  readonly firmwareLoaderEvents?: boolean | undefined;
  /** Where another subsystem has made the bus already. */
  readonly platformBus?: PlatformBus | undefined;
  /** Default: those of the recorded mainline kernel. */
  readonly majors?: Majors | undefined;
}

/** Behind FIRMWARE, in uevents of a kernel with the user space firmware loader. */
const LOADER_VARIABLES: readonly (readonly [string, string])[] = [
  ['TIMEOUT', '60'],
  ['ASYNC', '0'],
];

const MAJORS: Majors = { cxl: 249, ndctl: 244, nmem: 243 };
/** The order of a boot: the topology exists before the memory devices arrive. */
const BOOT_MODULES = ['cxl_port', 'cxl_pmem', 'cxl_acpi', 'dax_cxl', 'cxl_pci'];

function addComponents(hardware: HdmHardware, ports: readonly DownstreamPortConfig[]): void {
  for (const { below } of ports) {
    if (below === undefined) continue;
    hardware.add(below.address, below.decoders);
    if (below.kind === 'switch') addComponents(hardware, below.downstream);
  }
}

function hardwareOf(config: CxlConfig): HdmHardware {
  const hardware = new HdmHardware();
  for (const bridge of config.hostBridges) {
    hardware.add(bridge.pciRoot, bridge.decoders);
    addComponents(hardware, bridge.rootPorts);
  }
  programFirmwareRegions(hardware, config);
  return hardware;
}

function addAcpiDevices(kernel: Kernel, platformBus: PlatformBus, pci: PciTree): void {
  const bus = createAcpiBus(kernel);
  const acpi0017 = addPlatformDevice(platformBus, 'ACPI0017:00', { modalias: ACPI0017_MODALIAS });
  addAcpiCompanion(
    bus,
    'ACPI0017:00',
    { hid: 'ACPI0017', uid: '0', path: '\\_SB_.CXLM' },
    acpi0017,
  );
  for (const { config, device } of pci.hostBridges) {
    if (device === undefined) continue;
    const path = `\\_SB_.CX${config.uid.toString(16).toUpperCase().padStart(2, '0')}`;
    addAcpiCompanion(bus, config.acpiName, { hid: 'ACPI0016', uid: `${config.uid}`, path }, device);
  }
}

function firmwareClass(kernel: Kernel, loaderEvents: boolean): DeviceClass {
  return new DeviceClass(kernel, {
    name: 'firmware',
    uevent: ({ name }) => (loaderEvents ? [['FIRMWARE', name], ...LOADER_VARIABLES] : []),
  });
}

/** When this returns everything that the boot started is at rest. */
export function bootCxl(
  kernel: Kernel,
  mm: MemoryManagement,
  config: CxlConfig,
  options: CxlBootOptions,
): CxlSubsystem {
  const majors = options.majors ?? MAJORS;
  const platformBus = options.platformBus ?? createPlatformBus(kernel);
  const pci = new PciTree(kernel, config);
  addAcpiDevices(kernel, platformBus, pci);
  const subsystem = createSubsystem(
    {
      kernel,
      mm,
      config,
      majors,
      bus: createCxlBus(kernel),
      platformBus,
      pci,
      modules: new CxlModules(kernel),
      nd: new NdSubsystem(kernel, majors, options.modular ? 'libnvdimm' : undefined),
      firmwareClass: firmwareClass(kernel, options.firmwareLoaderEvents ?? true),
      hardware: hardwareOf(config),
      memdevNumbers: new MemdevNumbers(),
      regionIds: new RegionIds(),
    },
    (made) => options.regionOperations(made),
  );
  kernel.directory(CXL_DEBUGFS);
  pci.onRemoval((device) => forgetDportDevice(subsystem, device));
  pci.beforeRemoval((pciFunction) =>
    refuseDetachUnderKernelMemory(subsystem, `removing ${pciFunction.address}`, (decoder) =>
      isBelow(decoder, pciFunction),
    ),
  );
  mm.hotplug.onGoingOnline((block) => refuseUnroutedKernelMemory(subsystem, block));
  pci.bus.registerDriver(pcieportDriver);
  pci.scan();
  const { modules } = subsystem;
  for (const module of cxlModules(subsystem, options)) modules.add(module);
  for (const name of ['cxl_core', ...BOOT_MODULES]) {
    modules.load(name);
    kernel.work.settle();
  }
  return subsystem;
}
