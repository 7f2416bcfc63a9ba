/**
 * The six recorded topologies as CXL configurations, and a machine of each with nothing but its CXL
 * side.
 */
import { bootCxl } from '../../src/cxl/boot.ts';
import type { CxlDriver } from '../../src/cxl/buses/cxl-bus.ts';
import type {
  CxlConfig,
  DownstreamPortConfig,
  HostBridgeConfig,
  MemoryDeviceConfig,
} from '../../src/cxl/config.ts';
import { CXL_DEVICE_ID } from '../../src/cxl/objects/device-id.ts';
import { Region } from '../../src/cxl/objects/region.ts';
import { regionOperations } from '../../src/cxl/region-operations.ts';
import type { CxlSubsystem } from '../../src/cxl/subsystem.ts';
import { Kernel } from '../../src/driver-core/kernel.ts';
import { KernelError } from '../../src/errno.ts';
import type { AccessCoordinates } from '../../src/mm/config.ts';
import type { MemoryManagement } from '../../src/mm/memory-management.ts';
import { ResourceTree } from '../../src/mm/resource.ts';

const GIB = 0x4000_0000;
const WINDOW = 0x1_9000_0000;

const CDAT: AccessCoordinates = {
  readLatency: 150,
  writeLatency: 250,
  readBandwidth: 16000,
  writeBandwidth: 16000,
};

export function memory(
  address: string,
  serial: number,
  memId: number,
  endpointId: number,
  more: Partial<MemoryDeviceConfig> = {},
): MemoryDeviceConfig {
  return {
    kind: 'memory',
    address,
    serial,
    partitions: [{ mode: 'ram', size: GIB, performance: CDAT }],
    decoders: 4,
    labelStorageSize: 0,
    firmwareVersion: 'BWFW VERSION 00',
    payloadMax: 2048,
    numaNode: -1,
    memId,
    endpointId,
    ...more,
  };
}

function port(
  address: string,
  portNumber: number,
  below: DownstreamPortConfig['below'],
): DownstreamPortConfig {
  return { address, portNumber, below };
}

function bridge(
  rootPorts: readonly DownstreamPortConfig[],
  more: Partial<HostBridgeConfig> = {},
): HostBridgeConfig {
  const decoders = rootPorts.length > 1 ? 4 : 0;
  return { uid: 12, acpiName: 'ACPI0016:00', pciRoot: 'pci0000:0c', decoders, rootPorts, ...more };
}

function windows(...targets: readonly number[][]): CxlConfig['windows'] {
  return targets.map((each, index) => ({
    base: WINDOW + index * 4 * GIB,
    size: 4 * GIB,
    targets: each,
    granularity: 256,
    capabilities: { ram: true, pmem: true, type2: true, type3: true },
    qosClass: 0,
  }));
}

function two(first: MemoryDeviceConfig, second: MemoryDeviceConfig): HostBridgeConfig {
  return bridge([port('0000:0c:00.0', 0, first), port('0000:0c:01.0', 1, second)]);
}

const GENERIC_PORT: AccessCoordinates = {
  readLatency: 50,
  writeLatency: 50,
  readBandwidth: 20480,
  writeBandwidth: 20480,
};

const PERSISTENT: Partial<MemoryDeviceConfig> = {
  partitions: [
    { mode: 'ram', size: GIB, performance: CDAT },
    { mode: 'pmem', size: GIB, performance: CDAT },
  ],
  labelStorageSize: 1 << 20,
};

/** The names of memdevs and endpoints are those of the baseline recordings. */
export const TOPOLOGIES: Readonly<Record<string, CxlConfig>> = {
  one: {
    windows: windows([12]),
    hostBridges: [bridge([port('0000:0c:00.0', 0, memory('0000:0d:00.0', 0x1000, 0, 2))])],
  },
  direct2: {
    windows: windows([12]),
    hostBridges: [two(memory('0000:0d:00.0', 0x1000, 1, 3), memory('0000:0e:00.0', 0x1001, 0, 2))],
  },
  hmat: {
    windows: windows([12]),
    hostBridges: [
      {
        ...two(memory('0000:0d:00.0', 0x1000, 0, 3), memory('0000:0e:00.0', 0x1001, 1, 2)),
        genericPort: [GENERIC_PORT, GENERIC_PORT],
      },
    ],
  },
  mixed: {
    windows: windows([12]),
    hostBridges: [
      two(memory('0000:0d:00.0', 0x1000, 0, 3, PERSISTENT), memory('0000:0e:00.0', 0x1001, 1, 2)),
    ],
  },
  switch2: {
    windows: windows([12]),
    hostBridges: [
      bridge([
        port('0000:0c:00.0', 0, {
          kind: 'switch',
          address: '0000:0d:00.0',
          decoders: 4,
          downstream: [
            port('0000:0e:00.0', 0, memory('0000:0f:00.0', 0x1000, 1, 3)),
            port('0000:0e:01.0', 1, memory('0000:10:00.0', 0x1001, 0, 4)),
          ],
        }),
      ]),
    ],
  },
  hb2: {
    windows: windows([12], [222], [12, 222]),
    hostBridges: [
      bridge([port('0000:de:00.0', 0, memory('0000:df:00.0', 0x1001, 0, 3))], {
        uid: 222,
        pciRoot: 'pci0000:de',
      }),
      bridge([port('0000:0c:00.0', 0, memory('0000:0d:00.0', 0x1000, 1, 4))], {
        acpiName: 'ACPI0016:01',
      }),
    ],
  },
};

export interface CxlMachine {
  readonly kernel: Kernel;
  readonly iomem: ResourceTree;
  readonly cxl: CxlSubsystem;
}

function stub(name: string, id: number, module: string | undefined): CxlDriver {
  return { name, id, module, suppressBind: true, probe: () => {} };
}

/** Takes committed regions and makes nothing of them. */
const cxlRegionStub: CxlDriver = {
  ...stub('cxl_region', CXL_DEVICE_ID.region, undefined),
  suppressBind: false,
  probe: ({ object, name }) => {
    if (!(object instanceof Region && object.committed))
      throw new KernelError('ENXIO', `${name} is not committed`);
  },
};

/**
 * A machine without memory management: regions can be made and committed; their drivers bind and do
 * nothing.
 */
export function bootMachine(config: CxlConfig | undefined, modular = true): CxlMachine {
  if (config === undefined) throw new Error('no such topology');
  const kernel = new Kernel();
  const iomem = new ResourceTree();
  const hotplug = { hasOnlineKernelMemory: () => false, onGoingOnline: () => {} };
  const mm = { iomem, hotplug } as unknown as MemoryManagement;
  const cxl = bootCxl(kernel, mm, config, {
    modular,
    regionDrivers: [{ ...cxlRegionStub, module: modular ? 'cxl_core' : undefined }],
    pmemRegionDriver: stub(
      'cxl_pmem_region',
      CXL_DEVICE_ID.pmemRegion,
      modular ? 'cxl_pmem' : undefined,
    ),
    daxRegionDriver: stub(
      'cxl_dax_region',
      CXL_DEVICE_ID.daxRegion,
      modular ? 'dax_cxl' : undefined,
    ),
    regionOperations: (subsystem) =>
      regionOperations(
        {
          kernel,
          mm,
          bus: subsystem.bus,
          ids: subsystem.regionIds,
          cpuCacheInvalidation: true,
          nodesWithCoordinates: new Set(),
          mapOf: () => undefined,
        },
        () => subsystem.rootDecoders,
      ),
  });
  return { kernel, iomem, cxl };
}
