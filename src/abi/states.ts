/**
 * Machines in states that, taken together, show every attribute.
 */

import type { RegionDriverName } from '../cxl/region-drivers/index.ts';
import { boxPath } from '../cxlbox-abi/box-file.ts';
import { CAPACITY_ADD } from '../cxlbox-abi/capacity.ts';
import { KernelError } from '../errno.ts';
import { loadMachine } from '../machine-files/load.ts';
import { boot } from '../platform/boot.ts';
import type {
  BootOptions,
  DeviceDescription,
  MachineDescription,
  RegionDescription,
} from '../platform/description/types.ts';
import { devicesOf } from '../platform/description/types.ts';
import type { BootedMachine } from '../platform/machine.ts';
import { type AbiProfile, PROFILES } from '../platform/profiles/index.ts';
import { writePath } from '../platform/user-write.ts';
import type { Survey } from './survey.ts';

const MiB = 2 ** 20;
const CXL = '/sys/bus/cxl/devices';

function region(
  device: DeviceDescription,
  type: RegionDescription['type'],
  driver: string,
): RegionDescription {
  return {
    window: 0,
    type,
    granularity: 256,
    devices: [device.name],
    size: 256 * MiB,
    driver,
    firmware: false,
  };
}

/** What the profile can bind a volatile region to. */
function ramDrivers(abi: AbiProfile): RegionDriverName[] {
  return PROFILES[abi].regionDrivers
    .filter(({ takes }) => takes === 'region')
    .map(({ name }) => name);
}

/**
 * Two devices, one with persistent capacity, firmware tables of performance and a cache before a
 * node's memory.
 */
function describe(abi: AbiProfile, options: Partial<BootOptions>): MachineDescription {
  const [mixed, tables] = [loadMachine('mixed'), loadMachine('hmat')];
  const genericPort = tables.hostBridges[0]?.genericPort;
  const hmat = tables.hmat && {
    ...tables.hmat,
    memorySideCaches: [
      { nid: 0, level: 1, indexing: 1, lineSize: 64, size: MiB, writePolicy: 0, addressMode: 0 },
    ],
  };
  const [persistent, volatile] = devicesOf(mixed);
  if (persistent === undefined || volatile === undefined)
    throw new Error('the machine lacks devices');
  return {
    ...mixed,
    abi,
    hmat,
    boot: { ...mixed.boot, ...options },
    hostBridges: mixed.hostBridges.map((bridge) => ({ ...bridge, genericPort })),
    regions: [
      ...ramDrivers(abi).map((driver) => region(volatile, 'ram', driver)),
      region(persistent, 'pmem', 'cxl_region'),
    ],
  };
}

type Write = readonly [path: string, text: string];

/** From system memory of all kinds to a split dax device. */
const COMMON: readonly Write[] = [
  ['/sys/bus/dax/drivers/kmem/unbind', 'dax0.0'],
  [`${CXL}/dax_region0/dax0.0/size`, `${128 * MiB}`],
  [`${CXL}/dax_region0/dax_region/create`, '1'],
  [`${CXL}/dax_region0/dax0.1/size`, `${64 * MiB}`],
  ['/sys/bus/dax/drivers/device_dax/new_id', 'dax0.1'],
];

/** With the driver that makes system memory of `sysram_regionN`. */
function sysramSteps(abi: AbiProfile): Write[] {
  if (PROFILES[abi].regionDrivers.every(({ takes }) => takes !== 'sysram_region')) return [];
  const name = `sysram_region${ramDrivers(abi).indexOf('cxl_sysram_region')}`;
  return [
    [`${CXL}/${name}/online_type`, 'online_movable'],
    ['/sys/bus/cxl/drivers/cxl_dax_kmem_region/bind', name],
  ];
}

/** An allocation that is a dax device. */
const DYNAMIC: readonly Write[] = [
  ['/sys/bus/cxl/drivers/cxl_region/bind', 'region0'],
  [
    boxPath(CAPACITY_ADD, 'mem0'),
    CAPACITY_ADD.format({
      extents: [{ offset: 0, length: 256 * MiB }],
      tag: '11111111-2222-3333-4444-555555555555',
      force: false,
    }),
  ],
];

/** A step that is refused would leave attributes unseen. */
function apply({ kernel }: BootedMachine, [path, text]: Write): void {
  try {
    writePath(kernel, path, text);
  } catch (error) {
    if (error instanceof KernelError)
      throw new Error(`'${text}' written to ${path}: ${error.message}`);
    throw error;
  }
}

/** Boots the machines of `abi` and shows each of their states to `survey`. */
export function showStates(survey: Survey, abi: AbiProfile): void {
  const ways: readonly Partial<BootOptions>[] = [
    { modules: 'builtin', autoOnlineBlocks: 'online_movable' },
    { modules: PROFILES[abi].modules, autoOnlineBlocks: 'offline' },
  ];
  for (const options of ways) {
    const machine = boot(describe(abi, options));
    survey.add(machine.kernel, abi);
    for (const step of [...sysramSteps(abi), ...COMMON]) {
      apply(machine, step);
      survey.add(machine.kernel, abi);
    }
  }
  survey.add(boot({ ...loadMachine('switch2'), abi }).kernel, abi);
  const dynamic = boot({ ...loadMachine('dynamic'), abi });
  for (const step of DYNAMIC) apply(dynamic, step);
  survey.add(dynamic.kernel, abi);
}
