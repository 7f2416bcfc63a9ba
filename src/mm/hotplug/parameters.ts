/**
 * The parameters of the `memory_hotplug` module (`mm/memory_hotplug.c`, 7.2).
 */

import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import { createFile } from '../../kernfs/attribute.ts';
import { kstrtobool, kstrtouint, sysfsMatch } from '../../kernfs/parse.ts';
import type { Source } from '../../kernfs/source.ts';
import type { MemmapOnMemory, MmConfig, OnlinePolicy } from '../config.ts';

const POLICIES: readonly OnlinePolicy[] = ['contig-zones', 'auto-movable'];
/** Percent of boot-time kernel memory that may be movable: 3:1 with some slack. */
const DEFAULT_RATIO = 301;

export class HotplugParameters {
  readonly memmapOnMemory: MemmapOnMemory;
  /** Boot option `movable_node`. */
  readonly movableNode: boolean;
  onlinePolicy: OnlinePolicy;
  autoMovableRatio: number;
  autoMovableNumaAware: boolean;

  constructor(config: MmConfig) {
    this.memmapOnMemory = config.memmapOnMemory ?? 'N';
    this.movableNode = config.movableNode ?? false;
    this.onlinePolicy = config.onlinePolicy ?? 'contig-zones';
    this.autoMovableRatio = config.autoMovableRatio ?? DEFAULT_RATIO;
    this.autoMovableNumaAware = config.autoMovableNumaAware ?? true;
  }
}

/** Errors: EINVAL for text that is not such a value; ERANGE for a ratio beyond 32 bits. */
const ATTRIBUTES: readonly Attribute<HotplugParameters>[] = [
  { name: 'memmap_on_memory', mode: 0o444, show: (parameters) => `${parameters.memmapOnMemory}\n` },
  {
    name: 'online_policy',
    mode: 0o644,
    show: (parameters) => `${parameters.onlinePolicy}\n`,
    store: (parameters, text) => {
      const policy = sysfsMatch(text, POLICIES);
      if (policy === undefined)
        throw new KernelError('EINVAL', `online_policy is one of ${POLICIES.join(', ')}`);
      parameters.onlinePolicy = policy;
    },
  },
  {
    name: 'auto_movable_ratio',
    mode: 0o644,
    show: (parameters) => `${parameters.autoMovableRatio}\n`,
    store: (parameters, text) => {
      parameters.autoMovableRatio = kstrtouint(text);
    },
  },
  {
    name: 'auto_movable_numa_aware',
    mode: 0o644,
    show: (parameters) => (parameters.autoMovableNumaAware ? 'Y\n' : 'N\n'),
    store: (parameters, text) => {
      parameters.autoMovableNumaAware = kstrtobool(text);
    },
  },
];

const PARAMETER_FILES: Source = {
  document: 'admin-guide/mm/memory-hotplug.rst',
  code: 'mm/memory_hotplug.c',
};

/** `/sys/module/memory_hotplug/parameters` */
export function createParameterFiles(kernel: Kernel, parameters: HotplugParameters): void {
  const directory = kernel.directory('module/memory_hotplug/parameters');
  for (const attribute of ATTRIBUTES)
    createFile(directory, attribute, parameters, attribute.mode, PARAMETER_FILES);
}
