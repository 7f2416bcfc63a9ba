/**
 * `/sys/devices/system/memory` itself: block size, default online type, page offlining
 * (`drivers/base/memory.c`, 7.2).
 */

import { Bus } from '../../driver-core/bus.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernelError } from '../../errno.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import { createFile } from '../../kernfs/attribute.ts';
import type { KernfsDirectory } from '../../kernfs/node.ts';
import { kstrtoull, sysfsMatch } from '../../kernfs/parse.ts';
import { hardOfflinePage, softOfflinePage } from '../failure/memory-failure.ts';
import { addRootUevent } from '../node/device.ts';
import { MEMORY_FILES } from '../sources.ts';
import type { MemoryHotplug } from './memory-hotplug.ts';
import { ONLINE_TYPES } from './online-type.ts';

export interface MemorySubsystem {
  readonly bus: Bus;
  readonly directory: KernfsDirectory;
}

export function registerMemorySubsystem(kernel: Kernel): MemorySubsystem {
  const bus = new Bus(kernel, { name: 'memory' });
  const directory = kernel.directory('devices/system/memory');
  addRootUevent(directory);
  return { bus, directory };
}

/** A byte address. EINVAL for any text that is not a number. */
function parseAddress(text: string): number {
  try {
    return Number(kstrtoull(text));
  } catch {
    throw new KernelError('EINVAL', 'not an address');
  }
}

const ATTRIBUTES: readonly Attribute<MemoryHotplug>[] = [
  {
    name: 'block_size_bytes',
    mode: 0o444,
    show: (hotplug) => `${hotplug.blockSize.toString(16)}\n`,
  },
  {
    name: 'auto_online_blocks',
    mode: 0o644,
    show: (hotplug) => `${hotplug.defaultOnlineType}\n`,
    store: (hotplug, text) => {
      const type = sysfsMatch(text, ONLINE_TYPES);
      if (type === undefined)
        throw new KernelError('EINVAL', `one of ${ONLINE_TYPES.join(', ')} is expected`);
      hotplug.defaultOnlineType = type;
    },
  },
  {
    name: 'soft_offline_page',
    mode: 0o200,
    store: (hotplug, text) => softOfflinePage(hotplug.context, parseAddress(text)),
  },
  {
    name: 'hard_offline_page',
    mode: 0o200,
    store: (hotplug, text) => hardOfflinePage(hotplug.context, parseAddress(text)),
  },
];

/** No crash kernel is ever loaded, so none follows memory changes by itself. */
const CRASH_HOTPLUG: Attribute<MemoryHotplug> = {
  name: 'crash_hotplug',
  mode: 0o444,
  show: () => '0\n',
};

export function createMemoryFiles(
  directory: KernfsDirectory,
  hotplug: MemoryHotplug,
  options: { readonly crashHotplug: boolean },
): void {
  const attributes = options.crashHotplug ? [...ATTRIBUTES, CRASH_HOTPLUG] : ATTRIBUTES;
  for (const attribute of attributes)
    createFile(directory, attribute, hotplug, attribute.mode, MEMORY_FILES);
}
